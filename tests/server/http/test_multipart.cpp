#include "server/http/http_body.h"
#include "server/http/multipart.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

const QByteArray formType = "multipart/form-data; boundary=XX";

QByteArray part(const QByteArray &disposition, const QByteArray &body)
{
    return "--XX\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + body + "\r\n";
}

Result<QList<MultipartPart>> parse(const QByteArray &body, const QByteArray &type = formType,
                                   const MultipartLimits &limits = {})
{
    return parseMultipart(type, *memoryBody(body), limits);
}

} // namespace

class TestMultipart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAFormApart()
    {
        const auto parts = parse(part("name=\"title\"", "Hello\r\nworld")
                                 + "--XX\r\nContent-Disposition: form-data; name=file; "
                                   "filename=\"C:\\dir\\a \\\"b\\\".zip\"\r\n"
                                   "Content-Type: application/zip\r\n\r\nPK\r\n--X\r\n--XX--\r\n");
        QVERIFY2(parts, parts ? "" : qPrintable(parts.error().message));
        QCOMPARE(parts->size(), 2);
        const MultipartPart *title = findPart(*parts, u"title");
        QVERIFY(title && !title->fileName);
        QCOMPARE(title->body->bytes(), "Hello\r\nworld");
        const MultipartPart *file = findPart(*parts, u"file");
        QVERIFY(file);
        QCOMPARE(*file->fileName, u"a \"b\".zip"_s);
        QCOMPARE(file->contentType, "application/zip");
        QCOMPARE(file->body->bytes(), "PK\r\n--X");
        QVERIFY(!findPart(*parts, u"other"));
    }

    void readsNames_data()
    {
        QTest::addColumn<QByteArray>("disposition");
        QTest::addColumn<QString>("fileName");
        QTest::newRow("token") << QByteArray("name=f; filename=a.txt") << u"a.txt"_s;
        QTest::newRow("UTF-8") << QByteArray("name=f; filename=\"na\xc3\xafve.txt\"")
                               << u"naïve.txt"_s;
        QTest::newRow("extended") << QByteArray("name=f; filename*=UTF-8''na%C3%AFve.txt")
                                  << u"naïve.txt"_s;
        QTest::newRow("extended wins")
            << QByteArray("name=f; filename=\"x\"; filename*=utf-8''y") << u"y"_s;
        QTest::newRow("folders are dropped")
            << QByteArray("name=f; filename=\"../../etc/passwd\"") << u"passwd"_s;
        QTest::newRow("empty") << QByteArray("name=f; filename=\"\"") << u""_s;
        QTest::newRow("semicolon inside") << QByteArray("name=f; filename=\"a;b\"") << u"a;b"_s;
        QTest::newRow("semicolon last") << QByteArray("name=f; filename=a;") << u"a"_s;
    }
    void readsNames()
    {
        QFETCH(QByteArray, disposition);
        QFETCH(QString, fileName);
        const auto parts = parse(part(disposition, "x") + "--XX--");
        QVERIFY2(parts, parts ? "" : qPrintable(parts.error().message));
        QCOMPARE(parts->first().name, u"f"_s);
        QCOMPARE(*parts->first().fileName, fileName);
    }

    void findsBoundariesAtEveryPlaceOfAPiece()
    {
        // The reader takes 64 KiB at a time: let the boundary lie across each edge.
        const qsizetype head = part("name=a", "").size() - 2;
        for (qsizetype shift = -8; shift <= 8; ++shift) {
            const QByteArray body((64 << 10) - head + shift, 'x');
            const auto parts = parse(part("name=a", body) + part("name=b", "y") + "--XX--\r\n");
            QVERIFY2(parts, parts ? "" : qPrintable(parts.error().message));
            QCOMPARE(parts->size(), 2);
            QVERIFY(parts->first().body->bytes() == body);
            QCOMPARE(parts->last().body->bytes(), "y");
        }
    }

    void spoolsLargeParts()
    {
        QTemporaryDir dir;
        MultipartLimits limits;
        limits.spoolDirectory = dir.path();
        const QByteArray body(1 << 20, '\r');
        const auto parts = parse(part("name=a", body) + part("name=b", "y") + "--XX--", formType,
                                 limits);
        QVERIFY(parts);
        const HttpBody &large = *parts->first().body;
        QVERIFY(!large.filePath().isEmpty());
        QVERIFY(parts->last().body->filePath().isEmpty());
        QFile file(large.filePath());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll() == body);
        const auto one = large.open();
        const auto other = large.open();
        QCOMPARE(one->read(3).size(), 3);
        QVERIFY(other->readAll() == body);
        QVERIFY(QDir(dir.path()).isEmpty());
    }

    void takesAnEmptyForm()
    {
        const auto parts = parse("--XX--\r\n");
        QVERIFY(parts);
        QVERIFY(parts->isEmpty());
    }

    void refusesMalformedForms_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](const char *name, const QByteArray &body,
                            ErrorCode code = ErrorCode::BadRequest) {
            QTest::newRow(name) << body << code;
        };
        const QByteArray good = part("name=a", "x");
        row("empty", "");
        row("text first", "hello\r\n" + good + "--XX--");
        row("text last", good + "--XX--\r\nhello");
        row("second form behind", good + "--XX--\r\n" + good + "--XX--\r\n");
        row("no end", good);
        row("ends in a boundary", good + "--XX");
        row("ends in a header", good + "--XX\r\nContent-Dis");
        row("ends in a body", "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nabc");
        row("text behind a boundary", "--XXY\r\n" + good);
        row("boundary ends in LF",
            "--XX\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--XX--");
        row("no header", "--XX\r\n\r\nx\r\n--XX--");
        row("no disposition", "--XX\r\nContent-Type: a/b\r\n\r\nx\r\n--XX--");
        row("other disposition",
            "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XX--");
        row("two dispositions",
            "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
            "name=b\r\n\r\nx\r\n--XX--");
        row("no name", part("filename=a", "x") + "--XX--");
        row("empty name", part("name=\"\"", "x") + "--XX--");
        row("name twice", part("name=a; name=b", "x") + "--XX--");
        row("open quote", part("name=\"a", "x") + "--XX--");
        row("name that ends within a character", part("name=\"f\xc3\"", "x") + "--XX--");
        row("name not UTF-8", part("name=\"\xff\"", "x") + "--XX--");
        row("NUL in a file name",
            part(QByteArray("name=a; filename=\"a\0b\"", 22), "x") + "--XX--");
        row("extended name of another charset",
            part("name=a; filename*=latin1''x", "x") + "--XX--");
        row("extended NUL", part("name=a; filename*=UTF-8''a%00b", "x") + "--XX--");
        row("coding",
            "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
            "base64\r\n\r\nx\r\n--XX--");
        row("field without a colon", "--XX\r\nnonsense\r\n\r\nx\r\n--XX--");
        row("folded field",
            "--XX\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\nx\r\n--XX--");
        row("large header", "--XX\r\nX-A: " + QByteArray(9000, 'a') + "\r\n\r\nx\r\n--XX--",
            ErrorCode::TooLarge);
        row("endless header", "--XX\r\nX-A: " + QByteArray(900'000, 'a'), ErrorCode::TooLarge);
        row("many parts", good.repeated(65) + "--XX--", ErrorCode::TooLarge);
    }
    void refusesMalformedForms()
    {
        QFETCH(QByteArray, body);
        QFETCH(ErrorCode, code);
        const auto parts = parse(body);
        QVERIFY(!parts);
        QCOMPARE(parts.error().code, code);
        QVERIFY(!parts.error().message.isEmpty());
    }

    void refusesContentTypesThatAreNoForm_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<ErrorCode>("code");
        QTest::newRow("none") << QByteArray() << ErrorCode::UnsupportedMedia;
        QTest::newRow("JSON") << QByteArray("application/json") << ErrorCode::UnsupportedMedia;
        QTest::newRow("mixed") << QByteArray("multipart/mixed; boundary=XX")
                               << ErrorCode::UnsupportedMedia;
        QTest::newRow("no boundary") << QByteArray("multipart/form-data") << ErrorCode::BadRequest;
        QTest::newRow("empty boundary")
            << QByteArray("multipart/form-data; boundary=\"\"") << ErrorCode::BadRequest;
        QTest::newRow("long boundary")
            << "multipart/form-data; boundary=" + QByteArray(71, 'X') << ErrorCode::BadRequest;
        QTest::newRow("line break in it")
            << QByteArray("multipart/form-data; boundary=\"X\r\nX\"") << ErrorCode::BadRequest;
        QTest::newRow("two boundaries")
            << QByteArray("multipart/form-data; boundary=XX; boundary=Y")
            << ErrorCode::UnsupportedMedia;
    }
    void refusesContentTypesThatAreNoForm()
    {
        QFETCH(QByteArray, type);
        QFETCH(ErrorCode, code);
        const auto parts = parse(part("name=a", "x") + "--XX--", type);
        QVERIFY(!parts);
        QCOMPARE(parts.error().code, code);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestMultipart)
#include "test_multipart.moc"
