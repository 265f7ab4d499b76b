"""Forward and backward of recurrent layers on a CPU."""
