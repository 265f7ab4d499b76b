"""Networks whose recurrent layer is torch's: trained by the kernels on a CPU, by cuDNN on a GPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.autograd import Function

from namestui.engine.nets import gates
from namestui.engine.nets.gates import GateLayer
from namestui.engine.nets.kernels.gru import GRUKernel
from namestui.engine.nets.kernels.lstm import LSTMKernel
from namestui.engine.nets.kernels.stepping import last_hidden
from namestui.engine.nets.kernels.tanh_rnn import TanhRNNKernel
from namestui.engine.nets.network import Network, one_hot


class LSTM(Network, model="lstm"):
    """The report's LSTM: one layer, read out after the last letter; i2o starts Xavier-uniform."""

    def __init__(self, symbols: int, hidden: int, classes: int, *, bidirectional: bool = False) -> None:
        super().__init__()
        self.lstm = nn.LSTM(symbols, hidden, bidirectional=bidirectional)
        self.i2o = nn.Linear(hidden * (1 + bidirectional), classes)
        self.softmax = nn.LogSoftmax(dim=1)
        nn.init.xavier_uniform_(self.i2o.weight)

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        log_probabilities: Tensor = self.softmax(self.i2o(self.dropped(self.last_hidden(letters))))
        return log_probabilities

    def last_hidden(self, letters: Tensor) -> Tensor:
        """The hidden states ``(B, H)`` after the last letter; those of two directions side by side, ``(B, 2H)``."""
        if letters.device.type != "cpu":  # cuDNN
            _, (last, _) = self.lstm(one_hot(letters, self.lstm.input_size, self.i2o.weight.dtype))
            return torch.cat(list(last), dim=1)
        directions = [letters, letters.flip(1)] if self.lstm.bidirectional else [letters]
        weights = list(self.lstm.parameters())
        low = self.low_precision and self.training
        hidden = [
            last_hidden(LSTMKernel, way, weights[4 * i : 4 * i + 4], bfloat16=low) for i, way in enumerate(directions)
        ]
        return torch.cat(hidden, dim=1)

    def open_forget_gate(self, bias: float) -> None:
        """At 1 (Jozefowicz et al. 2015) early letters are not forgotten from the start; 0 leaves torch's small random
        one."""
        if not bias:
            return
        size = self.lstm.hidden_size
        with torch.no_grad():  # gates lie in the order input, forget, cell, output; the two biases add up
            for name, weights in self.lstm.named_parameters():
                if name.startswith("bias"):
                    weights[size : 2 * size] = bias if name.startswith("bias_ih") else 0.0

    def logits_by_step(self, inputs: Tensor) -> Tensor | None:
        """As the base class says."""
        logits: Tensor = self.i2o(self.lstm(inputs)[0])
        return logits

    def gate_layers(self) -> list[GateLayer]:
        """Gates: input, forget, output."""
        return gates.gate_layers(self.lstm)


class BiLSTM(LSTM, model="bilstm"):
    """Two LSTMs, one reading backwards; their last hidden states side by side, ``i2o`` (2H -> C)."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__(symbols, hidden, classes, bidirectional=True)

    def logits_by_step(self, inputs: Tensor) -> Tensor:
        """The direction that reads backwards starts again after each letter."""
        ends = [self.lstm(inputs[:letters])[1][0] for letters in range(1, len(inputs) + 1)]  # (2, B, H) each
        logits: Tensor = self.i2o(torch.stack([torch.cat(list(end), dim=1) for end in ends]))
        return logits


class OneLayer(Network):
    """A GRU, or a plain RNN with tanh, read out after the last letter as the LSTM is."""

    def __init__(self, name: str, layer: nn.GRU | nn.RNN, kernel: type[Function], classes: int) -> None:
        super().__init__()
        self._layer, self._kernel = name, kernel
        self.add_module(name, layer)
        self.i2o = nn.Linear(layer.hidden_size, classes)
        self.softmax = nn.LogSoftmax(dim=1)
        nn.init.xavier_uniform_(self.i2o.weight)

    def layer(self) -> nn.RNNBase:
        """The recurrent layer."""
        layer = self.get_submodule(self._layer)
        assert isinstance(layer, nn.RNNBase)
        return layer

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        layer = self.layer()
        if letters.device.type != "cpu":  # cuDNN
            hidden = layer(one_hot(letters, layer.input_size, self.i2o.weight.dtype))[1][0]
        else:
            low = self.low_precision and self.training
            hidden = last_hidden(self._kernel, letters, layer.parameters(), bfloat16=low)
        log_probabilities: Tensor = self.softmax(self.i2o(self.dropped(hidden)))
        return log_probabilities

    def logits_by_step(self, inputs: Tensor) -> Tensor:
        """As the base class says."""
        logits: Tensor = self.i2o(self.layer()(inputs)[0])
        return logits


class GRU(OneLayer, model="gru"):
    """Module names: ``gru``, ``i2o``, ``softmax``."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__("gru", nn.GRU(symbols, hidden), GRUKernel, classes)

    def gate_layers(self) -> list[GateLayer]:
        """Gates: reset, update."""
        layer = self.layer()
        assert isinstance(layer, nn.GRU)
        return gates.gate_layers(layer)


class TanhRNN(OneLayer, model="tanh-rnn"):
    """The report's RNN with the nonlinearity that it lacks. Module names: ``rnn``, ``i2o``, ``softmax``."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__("rnn", nn.RNN(symbols, hidden), TanhRNNKernel, classes)

    def hidden_to_hidden(self) -> Tensor:
        """The recurrent weights."""
        return dict(self.layer().named_parameters())["weight_hh_l0"].detach()
