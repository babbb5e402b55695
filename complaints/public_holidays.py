"""The public holidays of a country, from the `holidays` library, with how far they can be relied on.

The library answers for any year, announced or not, and mostly without saying so. Here a country is known for a few
years only, and for less where its dates are estimates (calendars that follow the moon), or where working days are
moved about by yearly decree and the last decree has been reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from complaints.forms import Names

FIRST_YEAR, LAST_YEAR = 2024, 2029


class UnknownCountry(ValueError):
    """The library has no such country."""


class UnknownSubdivision(ValueError):
    """The country has no such subdivision; the message lists those it has."""


@dataclass(frozen=True, kw_only=True)
class PublicHolidays:
    """What a country decreed.

    Attributes:
        off: Days off, by their names.
        make_up: Days that are worked although their weekday is off.
        known_until: The last day of which this is reliable.
    """

    off: dict[date, Names]
    make_up: dict[date, Names]
    known_until: date


@lru_cache(maxsize=64)
def public_holidays(country: str, subdivision: str | None) -> PublicHolidays:
    """Look a country up by its ISO 3166 codes, such as `DE` and `BY`.

    Raises:
        UnknownCountry: There is no such country.
        UnknownSubdivision: The country has no such part.
    """
    import holidays  # only needed where a policy names a country, and slow to load

    countries = holidays.list_supported_countries(include_aliases=False)
    if country not in countries:
        raise UnknownCountry(f"{country!r} is no country code of ISO 3166 that is known here, such as DE")
    if subdivision is not None and subdivision not in countries[country]:
        known = ", ".join(countries[country]) or "none"
        raise UnknownSubdivision(
            f"{subdivision!r} is no part of {country} with holidays of its own; there are {known}"
        )
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    own = holidays.country_holidays(country, subdiv=subdivision, years=years)
    languages = own.supported_languages

    def named(*wanted: str) -> dict[date, str]:
        language = next((code for code in wanted if code in languages), None)
        return dict(holidays.country_holidays(country, subdiv=subdivision, years=years, language=language))

    english, chinese = named("en_US", "en_GB"), named("zh_CN", "en_US", "en_GB")
    make_up = {day for day in own.weekend_workdays if FIRST_YEAR <= day.year <= LAST_YEAR}
    return PublicHolidays(
        off={day: Names(en=name, zh=chinese.get(day, name)) for day, name in sorted(english.items())},
        make_up={day: Names(en="Make-up working day", zh="调休上班") for day in sorted(make_up)},
        known_until=min(
            [
                date(LAST_YEAR, 12, 31),
                *(day - timedelta(days=1) for day, name in english.items() if _is_estimate(name, own)),
                *(date(day.year, 12, 31) for day in sorted(make_up)[-1:]),
            ]
        ),
    )


def _is_estimate(name: str, own: object) -> bool:
    label = str(getattr(own, "estimated_label", "%s (estimated)"))
    return "(estimated" in name or label.replace("%s", "").strip() in name
