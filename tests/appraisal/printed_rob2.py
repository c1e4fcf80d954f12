"""The tables of RoB 2 a second time, as one reads them aloud: what the data in `rob2.yaml` is held against."""

ORDER = ("Low", "Some concerns", "High")


def yes(code):
    return code in {"Y", "PY"}


def no(code):
    return code in {"N", "PN"}


def randomisation(a):
    if no(a["1.2"]):
        return "High"
    if a["1.2"] == "NI":
        return "High" if yes(a["1.3"]) else "Some concerns"
    return "Some concerns" if no(a["1.1"]) or yes(a["1.3"]) else "Low"


def assignment(a):
    if (no(a["2.1"]) and no(a["2.2"])) or no(a["2.3"]):
        first = "Low"
    elif a["2.3"] == "NI" or no(a["2.4"]) or yes(a["2.5"]):
        first = "Some concerns"
    else:
        first = "High"
    second = "Low" if yes(a["2.6"]) else "Some concerns" if no(a["2.7"]) else "High"
    return max(first, second, key=ORDER.index)


def adhering(a):
    blind = no(a["2.1"]) and no(a["2.2"])
    balanced = blind or yes(a["2.3"]) or a["2.3"] == "NA"
    kept = all(no(a[item]) or a[item] == "NA" for item in ("2.4", "2.5"))
    if balanced and kept:
        return "Low"
    return "Some concerns" if yes(a["2.6"]) else "High"


def missing(a):
    if yes(a["3.1"]) or yes(a["3.2"]) or no(a["3.3"]):
        return "Low"
    return "Some concerns" if no(a["3.4"]) else "High"


def measurement(a):
    if yes(a["4.1"]) or yes(a["4.2"]):
        return "High"
    if no(a["4.3"]) or no(a["4.4"]):
        return "Low" if no(a["4.2"]) else "Some concerns"
    return "Some concerns" if no(a["4.5"]) else "High"


def reporting(a):
    if yes(a["5.2"]) or yes(a["5.3"]):
        return "High"
    return "Low" if no(a["5.2"]) and no(a["5.3"]) and yes(a["5.1"]) else "Some concerns"


PRINTED = {
    "D1": randomisation,
    "D2_assignment": assignment,
    "D2_adhering": adhering,
    "D3": missing,
    "D4": measurement,
    "D5": reporting,
}
