"""What a job found, as an aligned table and as JSON."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Goal:
    """What Dragoman's figure has to be beside a peer's: for the first release, and what is aimed at."""
    first: float | None = None
    aim: float | None = None
    unit: str = "x"
    at_most: bool = False

    def holds(self, wanted, value):
        return value <= wanted if self.at_most else value >= wanted

    def words(self, wanted, value, by_cpu=None):
        """`2.5 x reached`; where the CPU time says otherwise, that too."""
        if wanted is None:
            return ""
        text = f"{'<= ' if self.at_most else ''}{wanted:g} {self.unit} "
        if value is None:
            return text + "unknown"
        held = self.holds(wanted, value)
        text += "reached" if held else "missed"
        if by_cpu is not None and self.holds(wanted, by_cpu) != held:
            text += f" (by CPU {'missed' if held else 'reached'})"
        return text


@dataclasses.dataclass
class Table:
    """One job's rows; a cell is text, None is an empty one."""
    job: str
    title: str
    columns: list
    rows: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)
    figures: list = dataclasses.field(default_factory=list)
    """The rows once more, as numbers for programs."""
    troubles: list = dataclasses.field(default_factory=list)

    def row(self, *cells):
        self.rows.append([cell or "" for cell in cells])

    def trouble(self, name, words):
        self.troubles.append(f"{name}: {words}")
        self.figures.append({"subject": name, "trouble": str(words)})

    def text(self):
        lines, table = [self.title], [self.columns, *self.rows]
        if self.rows:
            widths = [max(len(row[i]) for row in table) for i in range(len(self.columns))]
            for row in table:
                cells = [cell.ljust(width) if i == 0 or not _is_figure(cell, i, self.columns) else cell.rjust(width)
                         for i, (cell, width) in enumerate(zip(row, widths))]
                lines.append("  " + "  ".join(cells).rstrip())
        lines += [f"  ! {trouble}" for trouble in self.troubles]
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def _is_figure(cell, index, columns):
    return columns[index] not in ("first goal", "aim")


def number(value):
    """Three significant digits, thousands apart: 12,345  67.8  4.71."""
    if value is None:
        return ""
    for least, digits in ((100, 0), (10, 1)):
        if abs(value) >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.2f}"
