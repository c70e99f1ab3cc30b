"""The demo's chat workspace: the same invented people as in `directory.toml`, and one who is in no directory."""

from __future__ import annotations

from sipbot.bot.demo.slack.seed import Seed

TEAM = "T0"
OUTSIDE_TEAM = "T9"


def demo_seed() -> Seed:
    """Return seven people in five agencies' channels, and a stranger from another organisation."""
    return (
        Seed(("/sip",), events=("app_home_opened",))
        .team(TEAM, "Exempelregionen")
        .team(OUTSIDE_TEAM, "Annan organisation", installed=False)
        .person("U0ANNA", "anna", "Anna Berg", TEAM, email="anna.berg@exempel.invalid")
        .person("U0JULIA", "julia", "Julia Lind", TEAM, email="julia.lind@exempel.invalid")
        .person("U0OMAR", "omar", "Omar Holm", TEAM, email="omar.holm@exempel.invalid")
        .person("U0PIA", "pia", "Pia Ek", TEAM, email="pia.ek@exempel.invalid")
        .person("U0LEIF", "leif", "Leif Strand", TEAM, email="leif.strand@exempel.invalid")
        .person("U0MARIA", "maria", "Maria Falk", TEAM, email="maria.falk@exempel.invalid")
        .person("U0OVE", "ove", "Ove Utanrätt", TEAM, email="ove@exempel.invalid")
        .person("U9EVA", "eva", "Eva Utifrån", OUTSIDE_TEAM, email="eva@utifran.invalid")
        .channel("C0SOC", "socialtjansten", TEAM, ["U0ANNA", "U0MARIA"], private=True)
        .channel("C0BUP", "bup", TEAM, ["U0JULIA", "U0MARIA"], private=True)
        .channel("C0SKOLA", "ekskolan", TEAM, ["U0OMAR", "U0MARIA"], private=True)
        .channel("C0VC", "vardcentralen", TEAM, ["U0PIA", "U0MARIA"], private=True)
        .channel("C0FK", "forsakringskassan", TEAM, ["U0LEIF"], private=True)
        .channel("C0ALLA", "allmant", TEAM, ["U0ANNA", "U0JULIA", "U0OMAR", "U0PIA", "U0LEIF", "U0MARIA", "U0OVE"])
    )
