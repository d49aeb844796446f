"""A template's fields as staff know them: `{{ starts | moment | up }}` is {Tid} in a unit's own text.

What a template decides by itself (whether a name is known, what is asked, how one answers by SMS) is one field too, so
that a unit can word the rest. A template whose conditions have no field here cannot be worded by a unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, Template, nodes

BREAK: Final = "\ue001"
"""Stands for an empty line until a text is tidied."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a field is called and what it holds, for staff. One that may be left out is not `required`."""

    name: str
    about: str
    required: bool = True


_FIRST_NAME: Final = Known("förnamn", "Personens namn, om vi vet det. Tomt annars.", required=False)
_CHOICES: Final = Known("val", "Det som personen kan välja på, numrerat i sms.")

VALUES: Final[Mapping[str, Known]] = {
    "name": _FIRST_NAME,
    "bot": Known("bot", "Det vi kallar oss: Ingång."),
    "starts|moment": Known("tid", "Dag och klockslag."),
    "starts|soon": Known("tid", "Dag och klockslag."),
    "starts|day": Known("dag", "Dagen."),
    "form|label('form')": Known("mötesform", "En promenad, ett möte hos oss, ett samtal."),
    "form|meets_there(where,staff_name)": Known("plats", "Meningen om var man ses eller vem som ringer."),
    "choices": _CHOICES,
    "readers|names": Known("läsare", "Förnamnen på dem som läser: Anna och Erik."),
    "readers|names_or": Known("någon", "Förnamnen på dem som läser: Anna eller Erik."),
    "minutes": Known("minuter", "Hur länge, bara siffran."),
    "offers": Known("språk", "Erbjudandet om ett annat språk."),
    "slot|about": Known("fråga", "Vilken fråga det gäller."),
    "unit|label('unit')": Known("kommun", "Kommunens namn."),
}
"""Fields that hold a value, by the template's own words for it (without `up`: {Tid} has a capital)."""

CONDITIONS: Final[Mapping[str, Known]] = {
    "name": _FIRST_NAME,
    "staff_name": Known("med vem", "Och Anna, eller med Anna. Tomt när det inte är bestämt."),
    "asks": Known("frågan", "Om tiden passar och hur man svarar, eller hur man byter."),
    "page": Known("kalenderlänk", "Länken till sidan där tiden kan sparas, när den finns."),
    "hours": Known("tider", "När ni läser."),
    "info_link": Known("information", "Länken till hur vi hanterar det som skrivs."),
    "find": Known("hitta", "Hur man hittar dit, när det är skrivet."),
    "link": Known("karta", "Länken till en karta, när den finns."),
    "style=='sms'": Known("svara", "Hur man svarar, bara i sms. I chatten finns knappar."),
    "municipality": Known("kommun", "Vilken kommun vi jobbar i."),
    "answer_by and answer_by is ahead": Known("svarstid", "När ni svarar, av bemanningen."),
    "not staffed and next_staffed": Known("nästa gång", "När ni läser nästa gång, när ingen läser nu."),
    "promise and promise is ahead": Known("löfte", "Vem som svarar och senast när."),
    "unit_phone": Known("telefon", "Enhetens nummer, när det finns."),
    "where": Known("annan hjälp", "Vem man kan prata med i stället."),
    "stands": Known("tiden som finns", "Den tid som personen har kvar."),
}
"""Fields that the program decides about, by the condition as the template has it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a template: `fragment` writes it."""

    known: Known
    fragment: Template

    @property
    def key(self) -> str:
        """What it is looked up by: a capital first is only how it is written."""
        return self.known.name.casefold()


Piece = str | tuple[Field, bool]  # plain words, or a field and whether it is to begin with a capital


class NotEditableError(ValueError):
    """A template whose conditions have no fields; the text is the condition, for whoever writes templates."""


def pieces(environment: Environment, source: str) -> Iterator[Piece]:
    """Take a template apart. Raises NotEditableError."""
    for node in environment.parse(source).body:
        if isinstance(node, nodes.If):
            yield from _condition(environment, node)
        elif isinstance(node, nodes.Output):
            for part in node.nodes:
                yield part.data if isinstance(part, nodes.TemplateData) else _value(environment, part)
        else:
            raise NotEditableError(type(node).__name__)


def _value(environment: Environment, node: nodes.Expr) -> tuple[Field, bool]:
    begins = isinstance(node, nodes.Filter) and node.name == "up" and node.node is not None
    inner = node.node if begins and isinstance(node, nodes.Filter) and node.node is not None else node
    known = VALUES.get(_words(inner))
    if known is None:
        raise NotEditableError(_words(node))
    return Field(known, _fragment(environment, nodes.Output([inner], lineno=1))), begins


def _condition(environment: Environment, node: nodes.If) -> Iterator[Piece]:
    test = _words(node.test)
    known = _CHOICES if test == "style=='sms'" and _only_choices(node) else CONDITIONS.get(test)
    if known is None:
        raise NotEditableError(test)
    first = next((each for each in node.find_all(nodes.TemplateData)), None)
    if first is not None and first.data[:1] == " " and known is not _CHOICES:
        yield " "
    yield Field(known, _fragment(environment, node)), False


def _only_choices(node: nodes.If) -> bool:
    plain = "".join(each.data for each in node.find_all(nodes.TemplateData)).strip()
    return not plain and [each.name for each in node.find_all(nodes.Name)][1:] == ["choices"]


def _fragment(environment: Environment, node: nodes.Stmt) -> Template:
    whole = nodes.Template([node], lineno=1)
    whole.set_environment(environment)
    return environment.template_class.from_code(environment, environment.compile(whole), environment.globals)


def _words(node: nodes.Node) -> str:
    """An expression as a template has it, in one way of writing; what has no place here is "?"."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Const():
            return repr(node.value)
        case nodes.Filter(node=inner) if inner is not None and not node.kwargs:
            given = ",".join(_words(each) for each in node.args)
            return f"{_words(inner)}|{node.name}" + (f"({given})" if given else "")
        case nodes.Compare() if len(node.ops) == 1 and node.ops[0].op == "eq":
            return f"{_words(node.expr)}=={_words(node.ops[0].expr)}"
        case nodes.And():
            return f"{_words(node.left)} and {_words(node.right)}"
        case nodes.Not():
            return f"not {_words(node.node)}"
        case nodes.Test() if not node.args:
            return f"{_words(node.node)} is {node.name}"
    return "?"
