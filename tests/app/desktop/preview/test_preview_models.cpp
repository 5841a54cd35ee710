#include "app/desktop/preview/csv_model.h"
#include "app/desktop/preview/csv_query.h"
#include "app/desktop/preview/file_kind.h"
#include "app/desktop/preview/hex_viewer.h"
#include "app/desktop/preview/json_file_model.h"
#include "app/desktop/preview/text_decoding.h"
#include "engine/base/json_text.h"
#include "tests/app/desktop/preview/sample_files.h"
#include "tests/support/tree_fixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

/// What the previews stand on: kinds of files, texts, tables and trees, without a view.
class PreviewModelsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsKinds_data();
    void tellsKinds();
    void decodesTexts_data();
    void decodesTexts();
    void breaksLongLines();
    void readsRecords_data();
    void readsRecords();
    void guessesFormats_data();
    void guessesFormats();
    void modelOfALargeTableReadsAnywhere();
    void filtersAndSorts_data();
    void filtersAndSorts();
    void treeOpensBranches();
    void treeCutsLongBranchesIntoRuns();
    void treeLocatesWhatIsFound_data();
    void treeLocatesWhatIsFound();
    void understandsWhereToGoInBytes_data();
    void understandsWhereToGoInBytes();

private:
    QString write(const QString &name, const QByteArray &content);

    QTemporaryDir m_directory;
};

namespace {

SharedFile opened(const QString &path)
{
    const auto file = RandomFile::open(path);
    return file ? *file : SharedFile();
}

std::shared_ptr<CsvIndex> indexOf(const QString &path, char separator = ',')
{
    auto index = std::make_shared<CsvIndex>(opened(path), separator);
    index->build({});
    return index;
}

} // namespace

QString PreviewModelsTest::write(const QString &name, const QByteArray &content)
{
    const QString path = m_directory.filePath(name);
    test::writeFile(path, content);
    return path;
}

void PreviewModelsTest::tellsKinds_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<FileKind>("kind");
    QTest::newRow("picture") << u"a.png"_s << realPng(1, 1) << FileKind::Image;
    QTest::newRow("picture by its content") << u"a.txt"_s << realPng(1, 1) << FileKind::Image;
    QTest::newRow("no picture in spite of its name") << u"a.png"_s << "hello"_ba << FileKind::Text;
    QTest::newRow("svg") << u"a.svg"_s << svgOf({}) << FileKind::Svg;
    QTest::newRow("html with a drawing") << u"a.html"_s << "<html><svg/>"_ba << FileKind::Html;
    QTest::newRow("pdf") << u"a"_s << "%PDF-1.4"_ba << FileKind::Pdf;
    QTest::newRow("table") << u"a.CSV"_s << "a,b\n"_ba << FileKind::Table;
    QTest::newRow("json") << u"a.json"_s << "{}"_ba << FileKind::Json;
    QTest::newRow("markdown") << u"a.md"_s << "# a"_ba << FileKind::Markdown;
    QTest::newRow("code") << u"a.py"_s << "print(1)"_ba << FileKind::Text;
    QTest::newRow("bytes") << u"a.csv"_s << QByteArray("a\0b", 3) << FileKind::Binary;
    QTest::newRow("utf-16") << u"a.txt"_s
                            << QByteArray("\xff\xfe"
                                          "a\0",
                                          4)
                            << FileKind::Text;
    QTest::newRow("empty") << u"a.json"_s << QByteArray() << FileKind::Json;
}

void PreviewModelsTest::tellsKinds()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QTEST(fileKindOf(name, {}, bytes), "kind");
}

void PreviewModelsTest::decodesTexts_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("cut");
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("badAt");
    QTest::newRow("ascii") << "a\r\nb"_ba << false << u"a\nb"_s << qint64(-1);
    QTest::newRow("utf-8") << "\xc3\xa4\xe2\x82\xac"_ba << false << u"ä€"_s << qint64(-1);
    QTest::newRow("not utf-8") << "ab\xff"
                                  "c"_ba
                               << false << u"ab\ufffdc"_s << qint64(2);
    QTest::newRow("surrogate") << "\xed\xa0\x80"_ba << false << u"\ufffd\ufffd\ufffd"_s
                               << qint64(0);
    QTest::newRow("ends in a character") << "a\xc3"_ba << false << u"a\ufffd"_s << qint64(1);
    QTest::newRow("utf-16") << QByteArray("\xff\xfe"
                                          "a\0",
                                          4)
                            << false << u"a"_s << qint64(-1);
    QTest::newRow("nul") << QByteArray("a\0b", 3) << false << u"a\u2400b"_s << qint64(-1);
}

void PreviewModelsTest::decodesTexts()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, cut);
    const DecodedText decoded = decodeText(bytes, cut);
    QTEST(decoded.text, "text");
    QTEST(decoded.badBytesAt, "badAt");
}

void PreviewModelsTest::breaksLongLines()
{
    const DecodedText decoded = decodeText(QByteArray(25'000, 'x') + "\nshort\n", false);
    QVERIFY(decoded.folded);
    const QStringList lines = decoded.text.split(u'\n');
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines.at(0).size(), longestShownLine);
    QCOMPARE(lines.at(2).size(), 5000);
    QCOMPARE(lines.at(3), u"short"_s);
}

void PreviewModelsTest::readsRecords_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QList<QByteArrayList>>("records");
    using Records = QList<QByteArrayList>;
    QTest::newRow("plain") << "a,b\n1,2\n"_ba << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("no last line end") << "a,b\n1,2"_ba << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("crlf and empty lines")
        << "a,b\r\n\r\n\r\n1,2\r\n"_ba << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("quotes") << "\"a,b\",\"say \"\"hi\"\"\"\n\"x\ny\",z\n"_ba
                            << Records{{"a,b", "say \"hi\""}, {"x\ny", "z"}};
    QTest::newRow("empty fields") << ",\n,,\n"_ba << Records{{"", ""}, {"", "", ""}};
    QTest::newRow("quote in a field") << "a \"b\" c,d\n"_ba << Records{{"a \"b\" c", "d"}};
    QTest::newRow("text after a quote") << "\"a\"b,c\n"_ba << Records{{"ab", "c"}};
    QTest::newRow("quote that nothing closes")
        << "a,\"b\nc,d\n"_ba << Records{{"a", "\"b"}, {"c", "d"}};
    QTest::newRow("nothing") << QByteArray() << Records{};
}

void PreviewModelsTest::readsRecords()
{
    QFETCH(QByteArray, bytes);
    const QString path = write(u"records.csv"_s, bytes);
    QList<QByteArrayList> records;
    readCsv(*opened(path), ',', 0, {}, [&](QByteArrayView record, qint64) {
        records.append(csvFields(record, ',', 100));
        for (int column = 0; column < records.last().size(); ++column)
            [&] { QCOMPARE(csvField(record, ',', column), records.last().at(column)); }();
        return true;
    });
    QTEST(records, "records");
}

void PreviewModelsTest::guessesFormats_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<char>("separator");
    QTest::addColumn<bool>("header");
    QTest::newRow("comma") << u"a.csv"_s << "x,y\n1,2\n"_ba << ',' << true;
    QTest::newRow("semicolon") << u"a.csv"_s << "x;y\n1,5;2\n"_ba << ';' << true;
    QTest::newRow("tab") << u"a.tsv"_s << "x\ty\n1\t2\n"_ba << '\t' << true;
    QTest::newRow("numbers only") << u"a.csv"_s << "1,2\n3,4\n"_ba << ',' << false;
    QTest::newRow("nothing") << u"a.tsv"_s << ""_ba << '\t' << true;
}

void PreviewModelsTest::guessesFormats()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    const CsvFormat format = guessCsvFormat(bytes, name);
    QTEST(format.separator, "separator");
    QTEST(format.header, "header");
}

void PreviewModelsTest::modelOfALargeTableReadsAnywhere()
{
    QByteArray bytes = "\xef\xbb\xbfnumber,text\n";
    constexpr int rows = 30'000;
    for (int i = 0; i < rows; ++i)
        bytes += QByteArray::number(i) + ",\"row\n" + QByteArray::number(i) + "\"\n";
    const auto index = indexOf(write(u"large.csv"_s, bytes));
    QCOMPARE(index->records(), rows + 1);
    QVERIFY(index->isComplete());

    CsvModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setIndex(index, {',', true});
    QCOMPARE(model.rowCount(), 0);
    model.refresh();
    QCOMPARE(model.rowCount(), rows);
    QCOMPARE(model.columnCount(), 2);
    QCOMPARE(model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), u"number"_s);
    for (const int row : {0, 1, 12'345, rows - 1, 7, 29'998}) {
        QCOMPARE(model.index(row, 0).data().toString(), QString::number(row));
        QCOMPARE(model.index(row, 1).data().toString(), u"row\u23ce%1"_s.arg(row));
        QCOMPARE(model.index(row, 1).data(CsvModel::WholeRole).toString(), u"row\n%1"_s.arg(row));
        QCOMPARE(model.headerData(row, Qt::Vertical, Qt::DisplayRole).toInt(), row + 1);
    }
    model.setOrder(std::vector<quint32>{20'001, 3});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, 0).data().toString(), u"20000"_s);
    QCOMPARE(model.index(1, 0).data().toString(), u"2"_s);
}

void PreviewModelsTest::filtersAndSorts_data()
{
    QTest::addColumn<CsvQuery>("query");
    QTest::addColumn<QStringList>("names");
    const auto row = [](const char *name, const QString &filter, int filterColumn, int sortColumn,
                        Qt::SortOrder order, const QStringList &names) {
        QTest::newRow(name) << CsvQuery{filter, filterColumn, sortColumn, order} << names;
    };
    row("filter", u"AN"_s, -1, -1, Qt::AscendingOrder, {u"anna"_s, u"Jan"_s});
    row("filter a column", u"1"_s, 1, -1, Qt::AscendingOrder, {u"anna"_s, u"Zoe"_s});
    row("a part over two cells is none", u"a,1"_s, -1, -1, Qt::AscendingOrder, {});
    row("sort numbers", {}, -1, 1, Qt::AscendingOrder, {u"Jan"_s, u"anna"_s, u"Zoe"_s, u"bob"_s});
    row("sort numbers down, empty last", {}, -1, 1, Qt::DescendingOrder,
        {u"Zoe"_s, u"anna"_s, u"Jan"_s, u"bob"_s});
    row("sort text", {}, -1, 0, Qt::AscendingOrder, {u"anna"_s, u"bob"_s, u"Jan"_s, u"Zoe"_s});
    row("filter and sort", u"o"_s, 0, 0, Qt::DescendingOrder, {u"Zoe"_s, u"bob"_s});
}

void PreviewModelsTest::filtersAndSorts()
{
    QFETCH(CsvQuery, query);
    const auto index = indexOf(
        write(u"people.csv"_s,
              "name,age\nanna,10\n\"bob\",\nJan,9.5\nZoe,1e2\n"_ba.replace("1e2", "100")));
    std::atomic<int> progress = 0;
    const CsvFormat format{',', true};
    CsvAnswer answer = answerCsvQuery(*index, format, query, {}, progress);
    QVERIFY(answer.sorted);
    QCOMPARE(progress.load(), 1000);
    CsvModel model;
    model.setIndex(index, format);
    model.setOrder(std::move(answer.records));
    QStringList names;
    for (int row = 0; row < model.rowCount(); ++row)
        names += model.index(row, 0).data().toString();
    QTEST(names, "names");
}

void PreviewModelsTest::treeOpensBranches()
{
    JsonFileModel model;
    const auto json = JsonText::parse(
        R"({"a/b": [1, "two\nlines \"x\"", {"~": null}], "empty": {}, "c": true})");
    QVERIFY(json);
    model.setText(json->bytes());
    const QModelIndex document = model.index(0, 0);
    QVERIFY(model.canFetchMore(document));
    // It opens all branches, to look at them.
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.fetchMore(document);
    QCOMPARE(model.rowCount(document), 3);
    const QModelIndex list = model.index(0, 0, document);
    QCOMPARE(list.data().toString(), u"a/b"_s);
    model.fetchMore(list);
    QCOMPARE(model.rowCount(list), 3);
    QCOMPARE(model.value(model.index(1, 0, list)), u"two\nlines \"x\""_s);
    QCOMPARE(model.index(1, 1, list).data().toString(), u"two\u23celines \"x\""_s);
    const QModelIndex inner = model.index(2, 0, list);
    model.fetchMore(inner);
    QCOMPARE(model.pointer(model.index(0, 0, inner)), u"/a~1b/2/~0"_s);
    QVERIFY(!model.hasChildren(model.index(1, 0, document)));
    QCOMPARE(model.value(model.index(2, 0, document)), u"true"_s);
}

void PreviewModelsTest::treeCutsLongBranchesIntoRuns()
{
    JsonFileModel model;
    QByteArray text = "[";
    for (int i = 0; i < 2500; ++i)
        text += (i > 0 ? "," : "") + QByteArray::number(i * 10);
    text += ']';
    model.setText(text);
    const QModelIndex document = model.index(0, 0);
    model.fetchMore(document);
    QCOMPARE(model.rowCount(document), 3);
    const QModelIndex last = model.index(2, 0, document);
    model.fetchMore(last);
    QCOMPARE(model.rowCount(last), 500);
    const QModelIndex item = model.index(499, 0, last);
    QCOMPARE(model.pointer(item), u"/2499"_s);
    QCOMPARE(model.value(item), u"24990"_s);
}

void PreviewModelsTest::treeLocatesWhatIsFound_data()
{
    QTest::addColumn<QByteArray>("part");
    QTest::addColumn<QString>("pointer");
    QTest::newRow("a value in a run") << "needle"_ba << u"/items/1500/name"_s;
    QTest::newRow("a name") << "\"last\""_ba << u"/last"_s;
    QTest::newRow("a number") << "12345"_ba << u"/last/0"_s;
}

void PreviewModelsTest::treeLocatesWhatIsFound()
{
    QFETCH(QByteArray, part);
    QByteArray text = "{\"items\":[";
    for (int i = 0; i < 2000; ++i)
        text += QByteArray(i > 0 ? "," : "") + "{\"name\":\"" + (i == 1500 ? "needle" : "hay")
            + "\"}";
    text += "],\"last\":[12345]}";
    JsonFileModel model;
    model.setText(text);
    QModelIndex found;
    model.locate(text.indexOf(part), [&](const QModelIndex &index) { found = index; });
    QTRY_VERIFY_WITH_TIMEOUT(found.isValid(), 20'000);
    QTEST(model.pointer(found), "pointer");
}

void PreviewModelsTest::understandsWhereToGoInBytes_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("decimal") << u"500"_s << qint64(500) << QByteArray();
    QTest::newRow("hexadecimal") << u"0x1F4"_s << qint64(500) << QByteArray();
    QTest::newRow("bytes") << u"de ad be ef"_s << qint64(-1) << "\xde\xad\xbe\xef"_ba;
    QTest::newRow("quoted text") << u"\"500\""_s << qint64(-1) << "500"_ba;
    QTest::newRow("text") << u"hello"_s << qint64(-1) << "hello"_ba;
    QTest::newRow("nothing") << u" "_s << qint64(-1) << QByteArray();
}

void PreviewModelsTest::understandsWhereToGoInBytes()
{
    QFETCH(QString, typed);
    const HexViewer::Wanted wanted = HexViewer::parseWanted(typed);
    QTEST(wanted.offset, "offset");
    QTEST(wanted.bytes, "bytes");
}

QTEST_MAIN(PreviewModelsTest)
#include "test_preview_models.moc"
