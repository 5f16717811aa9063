"""A workflow proposed for a file over HTTP: what is sent, what comes back, what is refused."""

from tests.wire.api import Api, Reply

CSV = b"Order No;Sum\nA1;10,5\nA2;7\n"


def infer(api: Api, data: bytes, query: str = "?name=orders.csv", media: str = "text/csv") -> Reply:
    return api.request("POST", f"/infer{query}", data, headers={"Content-Type": media})


def test_a_file_becomes_a_workflow_file_with_reasons(api: Api) -> None:
    answer = infer(api, CSV)

    assert answer.status == 200
    file, reasons = answer.json["file"], answer.json["reasons"]
    assert (file["$id"], file["workflow"]) == ("orders", {"uniqueId": "order_no"})
    assert ["string", "number"] == [field["type"] for field in file["properties"].values()]
    assert "2 rows" in next(r["text"] for r in reasons if r["path"] == ["workflow", "uniqueId"])
    assert api.request("POST", "/workflows", file).status == 201


def test_a_form_names_its_file_and_the_media_type_tells_the_format(api: Api) -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="rows.json"\r\n\r\n'
        b'[{"a": 1}]\r\n--x--\r\n'
    )
    sent = infer(api, form, "", "multipart/form-data; boundary=x")
    lines = infer(api, b'{"a": 1}\n', "", "application/x-ndjson")

    assert (sent.status, lines.status) == (200, 200)
    assert sent.json["file"]["$id"] == "rows"
    assert sent.json["file"]["properties"] == lines.json["file"]["properties"]


def test_a_file_that_cannot_be_read_is_refused_by_its_reason(api: Api) -> None:
    empty = infer(api, b"")
    half = infer(api, b'[{"a": 1}, {', "?name=a.json", "application/json")
    wrong = infer(api, CSV, "?name=a.csv&delimitr=x")
    two = infer(api, CSV, "?name=a.csv&sheet=a&sheet=b")

    assert (empty.status, half.status, wrong.status, two.status) == (422, 400, 422, 422)
    assert b"line 1" in half.body


def test_dates_are_read_as_it_is_chosen(api: Api) -> None:
    data = b"Name,Day\nx,03/04/2025\ny,04/05/2025\n"

    assert "format" not in infer(api, data).json["file"]["properties"]["day"]
    chosen = infer(api, data, "?name=a.csv&dates=mdy")
    assert chosen.json["file"]["properties"]["day"]["format"] == "date"


def test_whoever_is_signed_in_may_ask_and_nobody_else(api: Api) -> None:
    nobody = api.request("POST", "/infer", CSV, key=None, headers={"Content-Type": "text/csv"})

    assert nobody.status == 401


def test_every_column_says_where_it_goes_and_why(api: Api) -> None:
    data = (
        b"Order No;Sum;_Sum;Status;Assigned To;Created On\n"
        b"A1;10,5;1;Open;ann@example.com;x\nA2;7;2;Done;;y\n"
    )

    told = infer(api, data, "?name=orders.csv&head=true").json
    columns = {column["name"]: column for column in told["columns"]}

    assert ["Order No", "Sum", "_Sum", "Status", "Assigned To", "Created On"] == list(columns)
    assert {"kind": "field", "title": "Sum", "key": "sum"} == columns["Sum"]["target"]
    assert told["file"]["properties"]["sum"]["title"] == "Sum"
    assert "comma" not in columns["Sum"]["reason"]
    assert ["10,5", "7"] == columns["Sum"]["samples"]
    assert columns["Sum"]["reason"] in {reason["text"] for reason in told["reasons"]}
    assert (None, "it is named like another column") == (
        columns["_Sum"]["target"],
        columns["_Sum"]["reason"],
    )
    assert {"kind": "stage", "title": "Stage", "key": None} == columns["Status"]["target"]
    assert "assignee" == columns["Assigned To"]["target"]["kind"]
    assert (None, "every task has it by itself") == (
        columns["Created On"]["target"],
        columns["Created On"]["reason"],
    )
    assert (2, "csv", ";", None) == (
        told["rows"],
        told["format"],
        told["delimiter"],
        told["source"],
    )


def test_the_head_of_a_file_is_enough(api: Api) -> None:
    cut = b'Order No,Note\nA1,x\nA2,y\nA3,"long\nnot to its en'

    head, whole = infer(api, cut, "?name=a.csv&head=true"), infer(api, cut)

    assert (200, 2, 400) == (head.status, head.json["rows"], whole.status)
    assert {"head"} == set(infer(api, cut, "?name=a.csv&head=1").json["errors"])
