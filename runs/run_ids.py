"""What the id of a run, the name of its folder, may be, and what it says."""

from __future__ import annotations


def model_of_id(run_id: str) -> str:
    """The model that the id of a run names; empty where it is none of ours."""
    return "-".join(run_id.split("-")[2:-1])


def is_text(name: str) -> bool:
    """Whether the name of a file is UTF-8: JSON has no place for others."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def name_problem(run_id: str) -> str:
    """Why a directory that somebody has put among the runs cannot be one, by its name; empty where it can."""
    if not is_text(run_id):
        return "its folder's name is not UTF-8: rename the folder"
    return "its folder's name begins with '-', as options do: rename the folder" if run_id.startswith("-") else ""
