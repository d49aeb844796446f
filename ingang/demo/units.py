"""The made-up units of the demo.

The numbers are of the series that the telecom regulator (PTS) keeps free for books and films: 0980-319 200 to 299, and
070-174 06 05 to 99 for mobiles.
"""

from __future__ import annotations

from datetime import time
from typing import Final

from ingang.settings import Hours, Place, StaffMember, Unit

_WEEKDAYS: Final = (0, 1, 2, 3, 4)
_OFFICE: Final = Hours(_WEEKDAYS, time(8), time(16))
_MEETS: Final = Hours(_WEEKDAYS, time(9), time(15, 30))
_UNDER_15: Final = "Du kan prata med någon hos Bris: ring 116 111 eller chatta på bris.se."

UNITS: Final = (
    Unit(
        slug="alvsbyn",
        name="Ingång Älvsbyn",
        municipality="Älvsbyn",
        phone="0980-319 200",
        address="Storgatan 27, Älvsbyn",
        where_under_15=_UNDER_15,
        where_over_29="Ring Älvsbyns kommun på 0980-319 201, så hjälper de dig vidare.",
        promise_days=2,
        position="65.68, 21.00",
        villages="Vidsel, Korsträsk, Vistheden, Bredsel, Nybyn",
        places=(
            Place("skutan", "Skutan", "Vi väntar vid bänken framför entrén.", travel=10),
            Place("storgatan", "Storgatan 27", "Porten är blå. Ring på klockan."),
        ),
        staff=(
            StaffMember("Anna", device="device:anna", order=1, hours=(_OFFICE,), meets=(_MEETS,)),
            StaffMember("Erik", device="device:erik", order=2, hours=(_OFFICE,), meets=(_MEETS,)),
            StaffMember("Sara", device="device:sara", role="samordnare", order=3, manager=True),
        ),
    ),
    Unit(
        slug="pitea",
        name="Ingång Piteå",
        municipality="Piteå",
        phone="0980-319 210",
        address="Sundsgatan 12, Piteå",
        where_under_15=_UNDER_15,
        where_over_29="Ring Piteå kommun på 0980-319 211, så hjälper de dig vidare.",
        promise_days=2,
        villages="Öjebyn, Bergsviken, Hortlax, Norrfjärden, Rosvik, Hemmingsmark, Blåsmark, Sjulsmark, Jävre",
        places=(Place("badhuset", "badhuset", "Vi väntar vid cykelställen.", travel=5),),
        staff=(
            StaffMember(
                "Sara", device="device:sara-pitea", role="samordnare", order=1, hours=(_OFFICE,), meets=(_MEETS,)
            ),
        ),
    ),
)

MOBILES: Final = tuple(f"+467017406{last:02}" for last in range(5, 100))
"""Made-up mobile numbers: 070-174 06 05 to 070-174 06 99."""
