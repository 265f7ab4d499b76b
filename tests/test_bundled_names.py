"""The bundled surname lists as files, and the script that builds them from its sources."""

import importlib.util
import re
import string
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from namestui.data.alphabet import READINGS
from namestui.data.catalogue import load_by_name

NAMES = Path(__file__).parent.parent / "data" / "names"
SYMBOLS = set(string.ascii_letters + " .,;'")
LABELS = [
    *("Arabic", "Chinese", "Czech", "Dutch", "English", "French", "German", "Greek", "Irish"),
    *("Italian", "Japanese", "Korean", "Polish", "Portuguese", "Russian", "Scottish", "Spanish", "Vietnamese"),
]
MIN_NAMES = {"Korean": 100, "Vietnamese": 60}
SCRIPTS = ("romanise", "recipes", "clean", "sources_page", "build")


def read(label: str) -> list[str]:
    text = (NAMES / f"{label}.txt").read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return text[:-1].split("\n")


@pytest.fixture(scope="module")
def scripts() -> Iterator[dict[str, ModuleType]]:
    """The build's modules. They import one another by bare name, so they stand in sys.modules for the while."""
    before = {name: sys.modules.get(name) for name in SCRIPTS}
    loaded = {}
    for name in SCRIPTS:
        spec = importlib.util.spec_from_file_location(name, NAMES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        loaded[name] = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded[name])
    yield loaded
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


def test_there_is_one_file_for_each_label() -> None:
    assert sorted(path.stem for path in NAMES.glob("*.txt")) == LABELS


def test_the_corpus_is_large_enough() -> None:
    assert sum(len(read(label)) for label in LABELS) >= 12_000


@pytest.mark.parametrize("label", LABELS)
def test_a_list_is_well_formed(label: str) -> None:
    names = read(label)
    assert MIN_NAMES.get(label, 150) <= len(names) <= 2_000
    assert [name for name in names if not set(name) <= SYMBOLS] == []
    assert [name for name in names if name != " ".join(name.split()) or len(name) < 2] == []
    assert [name for name in names if not name.split(" ")[-1].lstrip("'")[0].isupper()] == []
    assert names == sorted(names, key=lambda name: (name.casefold(), name))
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize("label", LABELS)
def test_sources_state_the_true_counts(label: str) -> None:
    page = (NAMES / "SOURCES.md").read_text("utf-8")
    names = read(label)
    row = re.search(rf"^\| {label} \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert row is not None
    total, *parts = map(int, row.groups())
    assert total == sum(parts) == len(names)
    hand = set((NAMES / "handwritten" / f"{label}.txt").read_text("utf-8").splitlines()) if parts[0] else set()
    assert len(hand & set(names)) == parts[0] == len(hand)
    assert f"## {label}\n\n{len(names)} surnames." in page


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Arabic", "Haddad Khoury Mansour Nasser"),
        ("Chinese", "Chan Huang Ouyang Zhang"),
        ("Czech", "Dvorak Novak Prochazka Svoboda"),
        ("English", "Ashworth Smith Taylor Wordsworth"),
        ("French", "Dubois Lefebvre Moreau Tremblay"),
        ("German", "Gruber Muller Schroder Weiss"),
        ("Greek", "Angelopoulos Georgiou Papadopoulos Venizelos"),
        ("Irish", "Gallagher McCarthy Murphy O'Brien"),
        ("Italian", "Bianchi Esposito Ferrari Rossi"),
        ("Japanese", "Nakamura Sato Takahashi Watanabe"),
        ("Korean", "Choi Kim Park Yoon"),
        ("Polish", "Kowalski Lewandowski Nowak Wisniewski"),
        ("Portuguese", "Carvalho Fernandes Oliveira Silva"),
        ("Russian", "Dostoyevskiy Gorbachev Ivanov Tolstoy Yesenin"),
        ("Scottish", "Campbell Drummond MacDonald Urquhart"),
        ("Spanish", "Fernandez Garcia Munoz Rodriguez"),
        ("Vietnamese", "Nguyen Pham Tran Truong"),
    ],
)
def test_well_known_names_are_there(label: str, expected: str) -> None:
    assert set(expected.split()) <= set(read(label))


def test_dutch_particles_stand_as_they_are_written() -> None:
    assert {"de Vries", "van Dijk", "van der Meer", "van 't Hoff"} <= set(read("Dutch"))


@pytest.mark.parametrize(
    ("label", "stems", "feminine"),
    [
        ("Russian", "ov|ev|in|yn", r"(ov|ev|in|yn)a|aya$"),
        ("Czech", "", r"ova$"),
        ("Polish", "", r"(sk|ck|dzk)a$"),
        ("Greek", "", r"(poul|id|iad)ou$"),
    ],
)
def test_no_feminine_forms_are_there(label: str, stems: str, feminine: str) -> None:
    names = set(read(label))
    assert [name for name in names if re.search(rf"(?:{feminine})$", name)] == []
    assert [name for name in names if stems and re.search(rf"(?:{stems})$", name) and name + "a" in names] == []


@pytest.mark.parametrize("label", LABELS)
def test_no_slavic_pair_is_there_under_any_label(label: str) -> None:
    names = set(read(label))
    assert [name for name in names if name.endswith(("ov", "ev")) and name + "a" in names] == []
    assert [name for name in names if name.endswith(("sky", "ski")) and name[:-1] + "a" in names] == []
    assert [name for name in names if name + "ova" in names] == []


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Иванов", "Ivanov"),
        ("Горбачёв", "Gorbachev"),
        ("Ельцин", "Yeltsin"),
        ("Соловьёв", "Solovyev"),
        ("Сергеев", "Sergeyev"),
        ("Достоевский", "Dostoyevskiy"),
        ("Щербаков", "Shcherbakov"),
        ("Жуков", "Zhukov"),
        ("Хрущёв", "Khrushchev"),
        ("Черных", "Chernykh"),
        ("Подъячев", "Podyachev"),
        ("Эренбург", "Erenburg"),
        ("Юрьев", "Yuryev"),
    ],
)
def test_russian_follows_bgn_pcgn(scripts: dict[str, ModuleType], cyrillic: str, latin: str) -> None:
    assert scripts["romanise"].romanise_russian(cyrillic) == latin


@pytest.mark.parametrize(
    ("greek", "latin"),
    [
        ("Παπαδόπουλος", "Papadopoulos"),
        ("Αγγελής", "Angelis"),
        ("Γκίκας", "Gkikas"),
        ("Μπαντής", "Bantis"),
        ("Λυμπέρης", "Lymperis"),
        ("Σταυρόπουλος", "Stavropoulos"),
        ("Ευστρατόπουλος", "Efstratopoulos"),
        ("Αυγουστής", "Avgoustis"),
        ("Καλαϊτζάκης", "Kalaitzakis"),
        ("Πραΰς", "Prays"),
        ("Χατζηγεωργίου", "Chatzigeorgiou"),
        ("Ξανθάκης", "Xanthakis"),
        ("Ψάλτης", "Psaltis"),
        ("Σφιγξ", "Sfinx"),
    ],
)
def test_greek_follows_elot_743(scripts: dict[str, ModuleType], greek: str, latin: str) -> None:
    assert scripts["romanise"].romanise_greek(greek) == latin


def test_they_are_the_names_that_they_always_were() -> None:
    for reading in READINGS:
        corpus = load_by_name("bundled", reading)
        assert corpus.fingerprint() == "49f34a48b3e6efc0fdd5fc44e89fa39936ab3f9073f7015b076f36585d631d6d"
        assert corpus.cleaning.summary() == []


@pytest.mark.parametrize(
    ("label", "entry", "name"),
    [
        ("English", "O'brien", "O'Brien"),
        ("English", "Mcbride", "McBride"),
        ("Chinese", "CHEN", "Chen"),
        ("Dutch", "van  der Meer", "van der Meer"),
        ("Italian", "D’agostino", "D'Agostino"),
        ("French", "St-Pierre", None),
        ("French", "Dos Santos", None),
        ("German", "Weiß", "Weiss"),
        ("French", "St‐Pierre", None),
        ("German", "Schleich [auch Schlauchin]", None),
        ("Spanish", "Quintero cruz", None),
        ("Italian", "Dalla", None),
        ("German", "Иванов", None),
    ],
)
def test_an_entry_is_cleaned_or_dropped(
    scripts: dict[str, ModuleType], label: str, entry: str, name: str | None
) -> None:
    assert scripts["clean"].clean(entry, scripts["recipes"].RECIPES[label]) == name


def test_other_versions_of_the_packages_are_refused(
    scripts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metadata, "version", lambda _package: "0.1")
    assert scripts["build"].main(["--check"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pip install faker==40.54.0 mimesis==22.2.0" in error


def test_the_files_are_what_the_script_builds(scripts: dict[str, ModuleType]) -> None:
    if (problem := scripts["build"].check_packages()) is not None:
        pytest.skip(problem)
    assert scripts["build"].main(["--check"]) == 0
