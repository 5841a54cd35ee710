#include "app/desktop/preview/csv_model.h"
#include "app/desktop/preview/csv_query.h"
#include "app/desktop/preview/document_viewer.h"
#include "app/desktop/preview/grid_view.h"
#include "app/desktop/preview/hex_viewer.h"
#include "app/desktop/preview/json_file_model.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/preview/text_decoding.h"
#include "app/desktop/preview/text_viewer.h"
#include "engine/base/json_text.h"
#include "tests/support/tree_fixture.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QBuffer>
#include <QCheckBox>
#include <QClipboard>
#include <QHeaderView>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>
#include <QTreeView>
#include <QWheelEvent>

using namespace Qt::StringLiterals;
using namespace skillbox;

class PreviewTest : public QObject
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

    void showsFilesByTheirKind_data();
    void showsFilesByTheirKind();
    void staysCalmWithHostileFiles_data();
    void staysCalmWithHostileFiles();
    void drawingLoadsNothingFromElsewhere();
    void zoomsPictures();
    void turnsPagesAndFindsText();
    void givesUpWhatTakesTooLong();
    void drawsAgainAfterItsHelperWasKilled();
    void sortsFiltersAndCopiesATable();
    void findsInATree();
    void showsMoreOfALargeText();
    void movesThroughBytes();
    void saysThatAFileIsGone();

private:
    QString write(const QString &name, const QByteArray &content);
    /// Shows it and waits until it is seen.
    void show(PreviewView &view, const QString &name, const QByteArray &content);

    QTemporaryDir m_directory;
};

namespace {

quint32 crcOf(const QByteArray &bytes)
{
    quint32 crc = 0xffffffff;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

QByteArray bigEndian(quint32 number)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(number, bytes.data());
    return bytes;
}

QByteArray pngChunk(const QByteArray &type, const QByteArray &content)
{
    return bigEndian(static_cast<quint32>(content.size())) + type + content
        + bigEndian(crcOf(type + content));
}

/// A PNG that says it has this size, with the pixels of one line at most.
QByteArray pngOf(quint32 width, quint32 height)
{
    return QByteArray("\x89PNG\r\n\x1a\n")
        + pngChunk("IHDR", bigEndian(width) + bigEndian(height) + QByteArray("\x08\x06\0\0\0", 5))
        + pngChunk("IDAT", qCompress(QByteArray(100'000, '\0'), 9).sliced(4))
        + pngChunk("IEND", {});
}

QByteArray pngFrom(const QImage &image)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

QByteArray realPng(int width, int height, const QColor &color = Qt::red)
{
    QImage image(width, height, QImage::Format_RGB32);
    image.fill(color);
    return pngFrom(image);
}

QByteArray svgOf(const QByteArray &content)
{
    return "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' "
           "viewBox='0 0 100 50'>"
        + content + "</svg>";
}

/// Objects by number, with a table that says where they are.
QByteArray pdfOf(const QList<QByteArray> &objects)
{
    QByteArray bytes = "%PDF-1.4\n";
    QByteArray table = "xref\n0 " + QByteArray::number(objects.size() + 1)
        + "\n0000000000 65535 f \n";
    for (qsizetype i = 0; i < objects.size(); ++i) {
        table += QByteArray::number(bytes.size()).rightJustified(10, '0') + " 00000 n \n";
        bytes += QByteArray::number(i + 1) + " 0 obj\n" + objects.at(i) + "\nendobj\n";
    }
    const QByteArray start = QByteArray::number(bytes.size());
    return bytes + table + "trailer<</Size " + QByteArray::number(objects.size() + 1)
        + "/Root 1 0 R>>\nstartxref\n" + start + "\n%%EOF";
}

QByteArray pdfWithPages(const QList<QByteArray> &texts)
{
    QList<QByteArray> objects{"<</Type/Catalog/Pages 2 0 R>>",
                              {},
                              "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"};
    QByteArray kids;
    for (const QByteArray &text : texts) {
        const QByteArray content = "BT /F1 24 Tf 30 100 Td (" + text + ") Tj ET";
        objects += "<</Length " + QByteArray::number(content.size()) + ">>stream\n" + content
            + "\nendstream";
        objects += "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<</Font<</F1 3 0 R>>>>"
                   "/Contents "
            + QByteArray::number(objects.size()) + " 0 R>>";
        kids += QByteArray::number(objects.size()) + " 0 R ";
    }
    objects[1] = "<</Type/Pages/Kids[" + kids + "]/Count " + QByteArray::number(texts.size())
        + ">>";
    return pdfOf(objects);
}

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

QString noteOf(PreviewView &view)
{
    const auto *note = view.findChild<QLabel *>(u"preview.note"_s);
    return note && note->isVisibleTo(&view) ? note->text() : QString();
}

} // namespace

QString PreviewTest::write(const QString &name, const QByteArray &content)
{
    const QString path = m_directory.filePath(name);
    test::writeFile(path, content);
    return path;
}

void PreviewTest::show(PreviewView &view, const QString &name, const QByteArray &content)
{
    QSignalSpy shown(&view, &PreviewView::shown);
    const auto theme = Theme::load(u"light"_s);
    QVERIFY(theme);
    view.applyTheme(*theme);
    view.resize(800, 600);
    static_cast<QWidget &>(view).show();
    view.show({write(name, content), name, {}});
    QTRY_VERIFY_WITH_TIMEOUT(!shown.isEmpty(), 40'000);
}

void PreviewTest::tellsKinds_data()
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

void PreviewTest::tellsKinds()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QTEST(fileKindOf(name, {}, bytes), "kind");
}

void PreviewTest::decodesTexts_data()
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

void PreviewTest::decodesTexts()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, cut);
    const DecodedText decoded = decodeText(bytes, cut);
    QTEST(decoded.text, "text");
    QTEST(decoded.badBytesAt, "badAt");
}

void PreviewTest::breaksLongLines()
{
    const DecodedText decoded = decodeText(QByteArray(25'000, 'x') + "\nshort\n", false);
    QVERIFY(decoded.folded);
    const QStringList lines = decoded.text.split(u'\n');
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines.at(0).size(), longestShownLine);
    QCOMPARE(lines.at(2).size(), 5000);
    QCOMPARE(lines.at(3), u"short"_s);
}

void PreviewTest::readsRecords_data()
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

void PreviewTest::readsRecords()
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

void PreviewTest::guessesFormats_data()
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

void PreviewTest::guessesFormats()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    const CsvFormat format = guessCsvFormat(bytes, name);
    QTEST(format.separator, "separator");
    QTEST(format.header, "header");
}

void PreviewTest::modelOfALargeTableReadsAnywhere()
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

void PreviewTest::filtersAndSorts_data()
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

void PreviewTest::filtersAndSorts()
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

void PreviewTest::treeOpensBranches()
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

void PreviewTest::treeCutsLongBranchesIntoRuns()
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

void PreviewTest::treeLocatesWhatIsFound_data()
{
    QTest::addColumn<QByteArray>("part");
    QTest::addColumn<QString>("pointer");
    QTest::newRow("a value in a run") << "needle"_ba << u"/items/1500/name"_s;
    QTest::newRow("a name") << "\"last\""_ba << u"/last"_s;
    QTest::newRow("a number") << "12345"_ba << u"/last/0"_s;
}

void PreviewTest::treeLocatesWhatIsFound()
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

void PreviewTest::understandsWhereToGoInBytes_data()
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

void PreviewTest::understandsWhereToGoInBytes()
{
    QFETCH(QString, typed);
    const HexViewer::Wanted wanted = HexViewer::parseWanted(typed);
    QTEST(wanted.offset, "offset");
    QTEST(wanted.bytes, "bytes");
}

void PreviewTest::showsFilesByTheirKind_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("widget");
    QTest::newRow("picture") << u"a.png"_s << realPng(30, 20) << u"preview.canvas"_s;
    QImage large(1200, 900, QImage::Format_RGBA8888); // is converted on several threads
    large.fill(QColor(10, 20, 30, 40));
    QTest::newRow("large picture") << u"large.png"_s << pngFrom(large) << u"preview.canvas"_s;
    QTest::newRow("drawing") << u"a.svg"_s << svgOf("<rect width='9' height='9'/>")
                             << u"preview.canvas"_s;
    QTest::newRow("pages") << u"a.pdf"_s << pdfWithPages({"Hello"}) << u"preview.canvas"_s;
    QTest::newRow("table") << u"a.csv"_s << "a,b\n1,2\n"_ba << u"preview.table"_s;
    QTest::newRow("tree") << u"a.json"_s << "{\"a\":1}"_ba << u"preview.json"_s;
    QTest::newRow("markdown") << u"a.md"_s << "# Hello"_ba << u"preview.markdown"_s;
    QTest::newRow("html") << u"a.html"_s << "<script>alert(1)</script>"_ba << u"preview.text"_s;
    QTest::newRow("code") << u"a.py"_s << "print(1)"_ba << u"preview.text"_s;
    QTest::newRow("bytes") << u"a.bin"_s << QByteArray("\0\1\2", 3) << u"preview.hex"_s;
    QTest::newRow("empty text") << u"a.txt"_s << QByteArray() << u"preview.text"_s;
    QTest::newRow("empty table") << u"empty.csv"_s << QByteArray() << u"preview.table"_s;
}

void PreviewTest::showsFilesByTheirKind()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(QString, widget);
    PreviewView view;
    show(view, name, content);
    auto *shown = view.findChild<QWidget *>(widget);
    QVERIFY(shown);
    QVERIFY(shown->isVisible());
    // Every file can be looked at as what it is.
    auto *bytes = view.findChild<QToolButton *>(u"preview.bytes"_s);
    QTest::mouseClick(bytes, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(view.findChild<QWidget *>(u"preview.hex"_s)
                                 && view.findChild<QWidget *>(u"preview.hex"_s)->isVisible(),
                             20'000);
}

void PreviewTest::staysCalmWithHostileFiles_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    // Else it comes as text or bytes, with the reason.
    QTest::addColumn<bool>("rendered");
    QTest::newRow("picture of 40 GB") << u"bomb.png"_s << pngOf(100'000, 100'000) << false;
    QTest::newRow("picture with a line only") << u"cut.png"_s << pngOf(3000, 3000) << false;
    QTest::newRow("picture of no size") << u"zero.png"_s << pngOf(0, 0) << false;
    QTest::newRow("only a beginning") << u"begin.png"_s << realPng(50, 50).first(40) << false;
    QTest::newRow("jpeg of noise")
        << u"noise.jpg"_s << "\xff\xd8\xff\xe0"_ba + test::noise(5000) << false;
    QTest::newRow("gif of noise") << u"noise.gif"_s << "GIF89a"_ba + test::noise(5000) << false;
    QTest::newRow("bmp of 4 billion lines")
        << u"huge.bmp"_s
        << QByteArray::fromHex(
               "424d3600000000000000360000002800000001000000ffffff7f0100180000000000"
               "00000000000000000000000000000000")
        << false;

    QTest::newRow("drawing that expands")
        << u"laughs.svg"_s
        << "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaa\"><!ENTITY b "
           "\"&a;&a;&a;&a;&a;&a;&a;&a;\">"
           "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>"
            + svgOf("<text>&d;&d;&d;&d;</text>")
        << false;
    QTest::newRow("drawing with a foreign entity")
        << u"entity.svg"_s
        << "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + svgOf("<text>&x;</text>")
        << true; // of which nothing is read
    QTest::newRow("drawing a million deep")
        << u"deep.svg"_s << svgOf(QByteArray("<g>").repeated(1'000'000)) << false;
    QTest::newRow("drawing that uses itself")
        << u"self.svg"_s << svgOf("<g id='a'><use xlink:href='#a'/></g>") << true;
    QTest::newRow("drawing of absurd size")
        << u"wide.svg"_s
        << "<svg xmlns='http://www.w3.org/2000/svg' width='1e12' height='1e12'/>"_ba << true;
    QTest::newRow("no drawing") << u"broken.svg"_s << "<svg <<<"_ba << false;

    QTest::newRow("no pdf") << u"noise.pdf"_s << "%PDF-1.7\n"_ba + test::noise(5000) << false;
    QTest::newRow("pdf whose pages hold themselves")
        << u"loop.pdf"_s
        << pdfOf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 100000>>"})
        << false;
    QTest::newRow("pdf without a page")
        << u"none.pdf"_s
        << pdfOf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"}) << false;
    QTest::newRow("pdf of arrays in arrays")
        << u"arrays.pdf"_s
        << pdfOf({"<</Type/Catalog/Pages 2 0 R/X " + QByteArray("[").repeated(200'000) + ">>",
                  "<</Type/Pages/Kids[]/Count 0>>"})
        << false;
    QTest::newRow("pdf with a page of kilometres")
        << u"large.pdf"_s
        << pdfOf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e15 1e15]>>"})
        << true;

    QTest::newRow("json 100,000 deep")
        << u"deep.json"_s << QByteArray("[").repeated(100'000) << false;
    QTest::newRow("json that is not utf-8") << u"bad.json"_s << "[\"\xff\"]"_ba << false;
    QTest::newRow("json that ends early") << u"cut.json"_s << "{\"a\": [1, 2"_ba << false;
    QTest::newRow("table of one quote") << u"quote.csv"_s << "a,\""_ba + test::noise(10) << true;
    QTest::newRow("table of NULs") << u"nul.csv"_s << QByteArray(10'000, '\0') << true;
    QTest::newRow("markdown with pictures from elsewhere")
        << u"remote.md"_s
        << "![x](http://127.0.0.1:9/x.png) <img src='file:///etc/passwd'>\n\n"_ba
            + QByteArray("> ").repeated(2000)
        << true;
    QTest::newRow("a line of 3 MB") << u"line.txt"_s << QByteArray(3'000'000, 'x') << true;
}

void PreviewTest::staysCalmWithHostileFiles()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(bool, rendered);
    PreviewView view;
    show(view, name, content);
    if (!rendered) {
        QVERIFY(view.mode() != PreviewView::Mode::Rendered);
        QVERIFY2(noteOf(view).contains(u"cannot be shown"_s), qPrintable(noteOf(view)));
    }
    // It still works, and so does the viewer that could not show it.
    if (view.kind() == FileKind::Image) {
        show(view, u"after.png"_s, realPng(700, 500));
        QCOMPARE(view.mode(), PreviewView::Mode::Rendered);
        QCOMPARE(view.picture().size(), QSize(700, 500));
    }
    show(view, u"after.txt"_s, "fine");
    QCOMPARE(view.findChild<QPlainTextEdit *>(u"preview.text"_s)->toPlainText(), u"fine"_s);
    QCOMPARE(noteOf(view), QString());
}

void PreviewTest::drawingLoadsNothingFromElsewhere()
{
    const QString picture = write(u"secret.png"_s, realPng(10, 10, Qt::green));
    PreviewView view;
    show(view, u"thief.svg"_s,
         svgOf("<rect width='100' height='50' fill='#ff0000'/><image x='0' y='0' width='100' "
               "height='50' "
               "xlink:href='"
               + picture.toUtf8() + "'/>"));
    QCOMPARE(view.mode(), PreviewView::Mode::Rendered);
    const QImage seen = view.picture();
    QVERIFY(!seen.isNull());
    QCOMPARE(seen.pixelColor(seen.width() / 2, seen.height() / 2), QColor(Qt::red));
}

void PreviewTest::zoomsPictures()
{
    PreviewView view;
    show(view, u"photo.png"_s, realPng(1600, 800));
    auto *canvas = view.findChild<ImageCanvas *>(u"preview.canvas"_s);
    QVERIFY(canvas);
    QVERIFY(canvas->isFitted());
    QVERIFY(canvas->zoom() < 0.55);
    QCOMPARE(view.picture().size(), QSize(1600, 800));
    const double fitted = canvas->zoom();
    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_1);
    QCOMPARE(canvas->zoom(), 1.0);
    QCOMPARE(view.findChild<QLabel *>(u"preview.zoom"_s)->text(), u"100 %"_s);
    QWheelEvent wheel(QPointF(100, 100), canvas->viewport()->mapToGlobal(QPointF(100, 100)), {},
                      QPoint(0, 120), Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(canvas->viewport(), &wheel);
    QCOMPARE(canvas->zoom(), 1.25);
    QTest::mouseClick(view.findChild<QToolButton *>(u"preview.fit"_s), Qt::LeftButton);
    QCOMPARE(canvas->zoom(), fitted);
}

void PreviewTest::turnsPagesAndFindsText()
{
    PreviewView view;
    show(view, u"pages.pdf"_s, pdfWithPages({"First page", "Second page", "Third with needle"}));
    auto *page = view.findChild<QSpinBox *>(u"preview.page"_s);
    QVERIFY(page);
    QCOMPARE(page->maximum(), 3);
    auto *canvas = view.findChild<ImageCanvas *>(u"preview.canvas"_s);
    const QImage first = view.picture();
    QTest::keyClick(canvas, Qt::Key_PageDown);
    QCOMPARE(page->value(), 2);
    QTRY_VERIFY_WITH_TIMEOUT(!view.picture().isNull() && view.picture() != first, 20'000);

    auto *find = view.findChild<QLineEdit *>(u"preview.find"_s);
    find->setText(u"needle"_s);
    QTest::keyClick(find, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(page->value(), 3, 20'000);
    find->setText(u"nowhere"_s);
    QTest::keyClick(find, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(noteOf(view).contains(u"nowhere"_s), 20'000);
}

void PreviewTest::givesUpWhatTakesTooLong()
{
    DocumentProcess process;
    process.setPatience(std::chrono::milliseconds(0)); // no process starts in that time
    QSignalSpy failed(&process, &DocumentProcess::failed);
    process.open(preview::Kind::Image, write(u"slow.png"_s, realPng(10, 10)));
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20'000);
    QVERIFY(failed.first().first().toString().contains(u"too long"_s));
}

void PreviewTest::drawsAgainAfterItsHelperWasKilled()
{
    DocumentProcess process;
    QSignalSpy opened(&process, &DocumentProcess::opened);
    QSignalSpy rendered(&process, &DocumentProcess::rendered);
    QSignalSpy failed(&process, &DocumentProcess::failed);
    process.open(preview::Kind::Svg, write(u"again.svg"_s, svgOf("<rect width='5' height='5'/>")));
    QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, 20'000);
    auto *helper = process.findChild<QProcess *>();
    QVERIFY(helper);
    helper->kill(); // as the kernel does when memory is short
    QTRY_VERIFY_WITH_TIMEOUT(!process.findChild<QProcess *>(), 20'000);
    QCOMPARE(failed.size(), 0);
    process.render(0, QRectF(0, 0, 1, 1), QSize(50, 50));
    QTRY_COMPARE_WITH_TIMEOUT(rendered.size(), 1, 20'000);
    QCOMPARE(opened.size(), 1);
}

void PreviewTest::sortsFiltersAndCopiesATable()
{
    PreviewView view;
    show(view, u"prices.csv"_s, "item,price\nplum,3\npear,20\napple,100\n");
    auto *grid = view.findChild<GridView *>(u"preview.table"_s);
    auto *rows = view.findChild<QLabel *>(u"preview.rows"_s);
    QTRY_COMPARE_WITH_TIMEOUT(rows->text(), u"3 rows"_s, 20'000);
    grid->setFocus();
    const auto cell = [grid](int row, int column) {
        grid->setCurrent(row, column);
        return grid->selectedText();
    };
    QCOMPARE(cell(0, 0), u"plum"_s);

    QHeaderView *header = grid->header();
    const QPoint price(header->sectionViewportPosition(1) + 10, header->height() / 2);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, price);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, price);
    QTRY_COMPARE_WITH_TIMEOUT(cell(0, 0), u"apple"_s, 20'000);
    QCOMPARE(header->sortIndicatorOrder(), Qt::DescendingOrder);

    auto *filter = view.findChild<QLineEdit *>(u"preview.filter"_s);
    filter->setText(u"P"_s);
    QTest::keyClick(filter, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(rows->text(), u"3 of 3 rows"_s, 20'000);
    filter->setText(u"pl"_s);
    QTest::keyClick(filter, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(rows->text(), u"2 of 3 rows"_s, 20'000);
    grid->setCurrent(0, 0);
    QTest::keyClick(grid, Qt::Key_End, Qt::ControlModifier | Qt::ShiftModifier);
    QTest::keyClick(grid, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), u"apple\t100\nplum\t3"_s);

    QTest::mouseClick(view.findChild<QCheckBox *>(u"preview.header"_s), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(rows->text().startsWith(u"2 of 4"_s) || rows->text() == u"4 rows"_s,
                             20'000);
}

void PreviewTest::findsInATree()
{
    PreviewView view;
    show(view, u"deep.json"_s, "{\"a\":{\"b\":[1,{\"Name\":\"the needle\"}]}}");
    auto *tree = view.findChild<QTreeView *>(u"preview.json"_s);
    auto *find = view.findChild<QLineEdit *>(u"preview.jsonFind"_s);
    auto *pointer = view.findChild<QLabel *>(u"preview.pointer"_s);
    find->setText(u"NEEDLE"_s);
    QTest::keyClick(find, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(pointer->text(), u"/a/b/1/Name"_s, 20'000);
    tree->setFocus();
    QTest::keyClick(tree, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), u"the needle"_s);
}

void PreviewTest::showsMoreOfALargeText()
{
    PreviewView view;
    show(view, u"large.log"_s, QByteArray("a line of text\n").repeated(30'000));
    auto *text = view.findChild<QPlainTextEdit *>(u"preview.text"_s);
    const int before = text->blockCount();
    auto *more = view.findChild<QPushButton *>(u"preview.more"_s);
    QVERIFY(more->isVisible());
    QTest::mouseClick(more, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(text->blockCount() > before, 20'000);
    QTRY_VERIFY_WITH_TIMEOUT(!more->isVisible(), 20'000);
    QCOMPARE(text->blockCount(), 30'001);
}

void PreviewTest::movesThroughBytes()
{
    PreviewView view;
    QByteArray bytes = test::noise(100'000);
    bytes.replace(70'000, 6, "needle");
    bytes[0] = '\0';
    show(view, u"data.bin"_s, bytes);
    auto *hex = view.findChild<HexView *>(u"preview.hex"_s);
    auto *go = view.findChild<QLineEdit *>(u"preview.hexGo"_s);
    hex->setFocus();
    QTest::keyClick(hex, Qt::Key_End, Qt::ControlModifier);
    QCOMPARE(hex->position(), 99'999);
    go->setText(u"0x10"_s);
    QTest::keyClick(go, Qt::Key_Return);
    QCOMPARE(hex->position(), 16);
    go->setText(u"\"needle\""_s);
    QTest::keyClick(go, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(hex->selectionStart(), 70'000, 20'000);
    QCOMPARE(hex->selectedHex(), u"6e 65 65 64 6c 65"_s);
}

void PreviewTest::saysThatAFileIsGone()
{
    PreviewView view;
    view.show({m_directory.filePath(u"gone.txt"_s), u"gone.txt"_s, {}});
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            for (const QLabel *label : view.findChildren<QLabel *>()) {
                if (label->text().contains(u"is gone"_s))
                    return true;
            }
            return false;
        }(),
        20'000);
}

QTEST_MAIN(PreviewTest)
#include "test_preview.moc"
