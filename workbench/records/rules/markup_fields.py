"""Which element, key or header feeds which field in EndNote XML, ICTRP, BibTeX, CSL-JSON and ClinicalTrials.gov JSON.

Paths of JSON stand without the places of list members. In what our own writers wrote (`OWN`), every field has a place
of its own, so that it is read back as it was.
"""

import re

from workbench.records.rules.mapping import Fields, FieldTable

_LINES = re.compile(r"[\r\n]+")
_SEMICOLON = re.compile(r"\s*[;\r\n]\s*")
_COMMA = re.compile(r"\s*[;,\r\n]\s*(?![^()]*\))")

_ENDNOTE: Fields = {
    "title": ("titles/title",),
    "original_title": ("translated-title", "titles/translated-title", "orig-pub"),
    "authors": ("contributors/authors/author",),
    "year": ("dates/year", "dates/pub-dates/date"),
    "date": ("dates/pub-dates/date", "dates/year"),
    "journal": ("titles/secondary-title", "periodical/full-title", "alt-periodical/full-title", "titles/alt-title"),
    "journal_abbreviation": ("periodical/abbr-1", "alt-periodical/abbr-1", "periodical/abbr-2"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "start": ("pages", "electronic-article-number"),
    "doi": ("electronic-resource-num",),
    "doi_urls": ("urls/related-urls/url", "urls/web-urls/url"),
    "doi_notes": ("notes", "research-notes"),
    "pmid": ("pmid",),
    "pmcid": ("custom2",),
    "accession": ("accession-num",),
    "references": ("accession-num", "notes", "custom1"),
    "issn": ("isbn", "issn"),
    "abstract": ("abstract",),
    "keywords": ("keywords/keyword",),
    "languages": ("language",),
    "publication_types": ("ref-type/@name", "work-type"),
    "databases": ("remote-database-name",),
    "urls": ("urls/related-urls/url", "urls/web-urls/url", "urls/text-urls/url"),
    "notes": ("notes", "research-notes", "accession-num"),
}
_ICTRP: Fields = {
    "title": ("Scientific_title", "Public_title", "Acronym"),
    "authors": ("Primary_sponsor",),
    "year": ("Date_registration3", "Date_registration", "Date_enrollement"),
    "date": ("Date_registration3", "Date_registration", "Date_enrollement"),
    "journal": ("Source_Register",),
    "registered": ("TrialID",),
    "registry": ("Secondary_ID", "other_records"),
    "keywords": ("Condition", "Intervention"),
    "publication_types": ("Study_type",),
    "databases": ("Source_Register",),
    "urls": ("web_address",),
}
_BIBTEX: Fields = {
    "title": ("title",),
    "original_title": ("origtitle", "original_title", "titleaddon"),
    "authors": ("author",),
    "year": ("year", "date", "issued"),
    "date": ("date", "@date", "year"),
    "journal": ("journal", "journaltitle", "fjournal", "booktitle"),
    "journal_abbreviation": ("shortjournal", "journal-iso", "journal_abbrev", "abbrev_source_title", "sjournal"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "start": ("pages", "eid", "article-number", "art_number", "articleno"),
    "doi": ("doi",),
    "doi_urls": ("url", "link"),
    "doi_notes": ("note",),
    "pmid": ("pmid", "pubmed_id", "pubmedid"),
    "pmcid": ("pmcid", "pmc"),
    "accession": ("accession_number", "accession", "unique-id"),
    "references": ("note", "annote"),
    "issn": ("issn", "eissn"),
    "isbn": ("isbn", "issn"),
    "abstract": ("abstract",),
    "keywords": ("keywords", "keyword", "author_keywords"),
    "subject_headings": ("mesh", "keywords-plus"),
    "languages": ("language", "langid"),
    "publication_types": ("@", "document_type", "type"),
    "databases": ("source", "database"),
    "urls": ("url", "link", "bdsk-url-1"),
    "notes": ("note", "annote", "annotation"),
}
_CSL: Fields = {
    "title": ("title",),
    "original_title": ("original-title",),
    "authors": ("author",),
    "year": ("issued",),
    "date": ("issued",),
    "journal": ("container-title", "event-title", "event"),
    "journal_abbreviation": ("container-title-short", "journalAbbreviation"),
    "volume": ("volume",),
    "issue": ("issue",),
    "start": ("page", "number", "article-number"),
    "doi": ("DOI",),
    "doi_urls": ("URL",),
    "doi_notes": ("note",),
    "pmid": ("PMID",),
    "pmcid": ("PMCID",),
    "references": ("note",),
    "issn": ("ISSN",),
    "isbn": ("ISBN",),
    "abstract": ("abstract",),
    "keywords": ("keyword", "categories"),
    "languages": ("language",),
    "publication_types": ("type", "genre"),
    "databases": ("source",),
    "urls": ("URL",),
    "notes": ("note", "annote"),
}
_PROTOCOL = "protocolSection/"
_IDENTIFIED = f"{_PROTOCOL}identificationModule/"
_DATED = f"{_PROTOCOL}statusModule/"
# PubMed numbers of a trial's references are those of other documents: they stay in raw and are never the record's own.
_TRIALS: Fields = {
    "title": (f"{_IDENTIFIED}officialTitle", f"{_IDENTIFIED}briefTitle"),
    "authors": (f"{_PROTOCOL}sponsorCollaboratorsModule/leadSponsor/name", f"{_IDENTIFIED}organization/fullName"),
    "year": (f"{_DATED}startDateStruct/date", f"{_DATED}studyFirstPostDateStruct/date"),
    "date": (f"{_DATED}startDateStruct/date", f"{_DATED}studyFirstPostDateStruct/date"),
    "registered": (f"{_IDENTIFIED}nctId",),
    "registry": (f"{_IDENTIFIED}secondaryIdInfos/id", f"{_IDENTIFIED}orgStudyIdInfo/id", f"{_IDENTIFIED}nctIdAliases"),
    "abstract": (f"{_PROTOCOL}descriptionModule/briefSummary",),
    "keywords": (
        f"{_PROTOCOL}conditionsModule/conditions",
        f"{_PROTOCOL}conditionsModule/keywords",
        f"{_PROTOCOL}armsInterventionsModule/interventions/name",
    ),
    "subject_headings": (
        "derivedSection/conditionBrowseModule/meshes/term",
        "derivedSection/interventionBrowseModule/meshes/term",
    ),
    "publication_types": (f"{_PROTOCOL}designModule/studyType",),
    "urls": ("address",),
}

MARKUP = {
    "endnote-xml": FieldTable(
        _ENDNOTE,
        dict.fromkeys(("authors", "keywords", "databases", "publication_types"), _LINES) | {"languages": _SEMICOLON},
    ),
    "ictrp-xml": FieldTable(
        _ICTRP, dict.fromkeys(("keywords", "publication_types", "registry"), _SEMICOLON), database="ICTRP"
    ),
    "bibtex": FieldTable(_BIBTEX, {"keywords": _COMMA, "subject_headings": _SEMICOLON}),
    "csl-json": FieldTable(_CSL, {"keywords": _COMMA}),
    "ctgov-json": FieldTable(_TRIALS, database="ClinicalTrials.gov"),
}
