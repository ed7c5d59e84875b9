"""Why something of the record is not known, in words that a clinician understands."""

NOT_IN_TIME = "the record system did not answer in time"
UNREACHABLE = "the record system could not be reached"
REFUSED = "the record system refused the access"
BUSY = "the record system is too busy"
UNKNOWN_PATIENT = "the record system does not know this patient"
NOT_FOUND = "the record system does not have it"
ERROR = "the record system reported an error"
UNUSABLE = "the record system sent something that could not be used"
PART = "the record system sent only a part"
TOO_MUCH = "the record system holds more than could be read"
# What came of a question, in the words of whoever runs the service: a closed set, to be counted by.
OUTCOMES = {
    "": "answered",
    NOT_IN_TIME: "not in time",
    UNREACHABLE: "unreachable",
    REFUSED: "refused",
    BUSY: "busy",
    UNKNOWN_PATIENT: "unknown patient",
    NOT_FOUND: "not found",
    ERROR: "error",
    UNUSABLE: "unusable",
    PART: "part",
    TOO_MUCH: "too much",
}


class Failed(Exception):
    """Something could not be had: `why` is one of these texts, `detail` is technical and names no patient."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail
