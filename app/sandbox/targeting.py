"""What an audience can be narrowed to: a few believable options of each type, searched by name.

Locations are written as Meta writes them; what stands in Meta's tree has its path and the range
of its audience's size; the rest are an id and a name.
"""

from __future__ import annotations

from zlib import crc32

_COUNTRIES = {
    "AE": "United Arab Emirates",
    "BR": "Brazil",
    "DE": "Germany",
    "EG": "Egypt",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "JP": "Japan",
    "SA": "Saudi Arabia",
    "SE": "Sweden",
    "US": "United States",
}
_REGIONS = (
    ("Bavaria", "DE"),
    ("Berlin", "DE"),
    ("California", "US"),
    ("Catalonia", "ES"),
    ("Dubai", "AE"),
    ("England", "GB"),
    ("Île-de-France", "FR"),
    ("New York", "US"),
    ("Skåne County", "SE"),
)
_CITIES = (
    ("Barcelona", "Catalonia", "ES"),
    ("Berlin", "Berlin", "DE"),
    ("Dubai", "Dubai", "AE"),
    ("London", "England", "GB"),
    ("Los Angeles", "California", "US"),
    ("Malmö", "Skåne County", "SE"),
    ("Munich", "Bavaria", "DE"),
    ("New York", "New York", "US"),
    ("Paris", "Île-de-France", "FR"),
)

_LOCALES = {
    "1001": "English (All)",
    "6": "English (US)",
    "24": "English (UK)",
    "5": "German",
    "9": "French (France)",
    "23": "Spanish (Spain)",
    "28": "Arabic",
    "18": "Swedish",
    "11": "Japanese",
    "16": "Portuguese (Brazil)",
}

# Type to the top of its path in Meta's tree, and its options as "branch / name".
_TREES: dict[str, tuple[str, tuple[str, ...]]] = {
    "interest": (
        "Interests",
        (
            "Sports and outdoors / Camping",
            "Sports and outdoors / Hiking",
            "Sports and outdoors / Trail running",
            "Sports and outdoors / Cycling",
            "Hobbies and activities / Gardening",
            "Hobbies and activities / Photography",
            "Shopping and fashion / Online shopping",
            "Shopping and fashion / Boots",
            "Home and garden / Interior design",
            "Food and drink / Coffee",
        ),
    ),
    "behavior": (
        "Behaviors",
        (
            "Travel / Frequent travellers",
            "Travel / Commuters",
            "Travel / Returned from travels one week ago",
            "Digital activities / Small business owners",
            "Digital activities / Early technology adopters",
            "Digital activities / Page admins",
            "Purchase behavior / Engaged shoppers",
            "Mobile device user / Uses a tablet",
        ),
    ),
    "familyStatus": (
        "Demographics",
        (
            "Parents / Parents (all)",
            "Parents / New parents (0-12 months)",
            "Parents / Parents with toddlers (1-2 years)",
            "Parents / Parents with preschoolers (3-5 years)",
            "Parents / Parents with early school-age children (6-8 years)",
            "Parents / Parents with preteens (9-12 years)",
            "Parents / Parents with teenagers (13-17 years)",
            "Parents / Parents with adult children (18-26 years)",
        ),
    ),
    "lifeEvent": (
        "Demographics",
        (
            "Life events / Anniversary within 30 days",
            "Life events / Away from family",
            "Life events / Away from hometown",
            "Life events / Birthday in this month",
            "Life events / Long-distance relationship",
            "Life events / New job",
            "Life events / Newly engaged (3 months)",
            "Life events / Newlywed (6 months)",
            "Life events / Recently moved",
        ),
    ),
    "industry": (
        "Demographics",
        (
            "Industries / Administrative services",
            "Industries / Arts, entertainment, sports and media",
            "Industries / Business and finance",
            "Industries / Construction and extraction",
            "Industries / Education and libraries",
            "Industries / Food and restaurants",
            "Industries / Health care and medical services",
            "Industries / Sales",
        ),
    ),
    "income": (
        "Demographics",
        (
            "Income / Household income: top 5% of ZIP codes",
            "Income / Household income: top 10% of ZIP codes",
            "Income / Household income: top 10%-25% of ZIP codes",
            "Income / Household income: top 25%-50% of ZIP codes",
            "Income / Household income: lower 50% of ZIP codes",
            "Income / Household income: top 1% of cities",
            "Income / Household income: top 10% of cities",
            "Income / Household income: top 25% of cities",
        ),
    ),
}

_NAMES: dict[str, tuple[str, ...]] = {
    "educationSchool": (
        "Baltic School of Economics",
        "Harbour City College",
        "Institute of Applied Forestry",
        "Lakeside University",
        "Northfield University",
        "Polytechnic of the Hills",
        "Riverside Academy of Arts",
        "University of the Valley",
    ),
    "educationMajor": (
        "Architecture",
        "Business administration",
        "Computer science",
        "Economics",
        "Graphic design",
        "Law",
        "Mechanical engineering",
        "Medicine",
        "Psychology",
    ),
    "workEmployer": (
        "Acme Outdoor",
        "Blue Harbour Logistics",
        "City Hospital North",
        "Globex Home",
        "Green Valley Foods",
        "Initech Systems",
        "Northern Light Energy",
        "Self-employed",
    ),
    "workPosition": (
        "Accountant",
        "Architect",
        "Chief executive officer",
        "Marketing manager",
        "Nurse",
        "Project manager",
        "Software engineer",
        "Teacher",
    ),
}

TYPES = ("location", "locale", *_TREES, *_NAMES)


def search(kind: str, query: str) -> list[dict[str, object]]:
    """The options of that type whose name contains the query, whatever its case."""
    sought = query.strip().casefold()
    return [one for one in options(kind) if sought in str(one["name"]).casefold()]


def options(kind: str) -> list[dict[str, object]]:
    """Every option of that type."""
    if kind == "location":
        return _locations()
    if kind == "locale":
        return [{"id": key, "name": name} for key, name in _LOCALES.items()]
    if kind in _NAMES:
        return [{"id": _id(kind, name), "name": name} for name in _NAMES[kind]]
    top, listed = _TREES[kind]
    return [_of_tree(kind, top, *one.split(" / ")) for one in listed]


def _locations() -> list[dict[str, object]]:
    countries = [
        {"id": code, "name": name, "type": "country", "country_code": code}
        for code, name in _COUNTRIES.items()
    ]
    regions = [
        {"id": _id("region", name), "name": name, "type": "region", "country_code": code}
        for name, code in _REGIONS
    ]
    cities = [
        {
            "id": _id("city", name),
            "name": name,
            "type": "city",
            "country_code": code,
            "region": region,
        }
        for name, region, code in _CITIES
    ]
    return [dict(one) for one in (*countries, *regions, *cities)]


def _of_tree(kind: str, top: str, branch: str, name: str) -> dict[str, object]:
    least = 400_000 + crc32(name.encode()) % 90_000_000
    return {
        "id": _id(kind, name),
        "name": name,
        "path": [top, branch, name],
        "audience_size_lower_bound": least,
        "audience_size_upper_bound": least * 118 // 100,
    }


def _id(kind: str, name: str) -> str:
    """A number, always the same one."""
    return str(6_000_000_000_000 + crc32(f"{kind} {name}".encode()))
