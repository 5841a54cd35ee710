#include "app/desktop/preview/document_viewer.h"
#include "app/desktop/preview/grid_view.h"
#include "app/desktop/preview/hex_viewer.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/preview/text_viewer.h"
#include "engine/base/unique_fd.h"
#include "tests/app/desktop/preview/sample_files.h"
#include "tests/support/tree_fixture.h"

#include <QApplication>
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

#include <netinet/in.h>
#include <sys/socket.h>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

class PreviewTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsFilesByTheirKind_data();
    void showsFilesByTheirKind();
    void staysCalmWithHostileFiles_data();
    void staysCalmWithHostileFiles();
    void drawingLoadsNothingFromElsewhere();
    void nothingIsAskedOfTheNetwork_data();
    void nothingIsAskedOfTheNetwork();
    void opensAHugeTree();
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

void PreviewTest::nothingIsAskedOfTheNetwork_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content"); // %1: an address that waits to be asked
    QTest::newRow("drawing") << u"net.svg"_s
                             << svgOf(
                                    "<style>@import url('%1/a.css');</style>"
                                    "<image xlink:href='%1/a.png' width='9' height='9'/>"
                                    "<script xlink:href='%1/a.js'/><use xlink:href='%1/a.svg#x'/>");
    QTest::newRow("drawing with a foreign grammar")
        << u"dtd.svg"_s << "<!DOCTYPE svg SYSTEM '%1/svg.dtd'>" + svgOf("<g/>");
    QTest::newRow("markdown")
        << u"net.md"_s
        << "![x](%1/a.png)\n\n<img src='%1/b.png'>\n<link rel='stylesheet' href='%1/a.css'>\n"_ba;
    QTest::newRow("html") << u"net.html"_s
                          << "<script src='%1/a.js'></script><iframe src='%1/'></iframe>"_ba;
    QTest::newRow("pdf") << u"net.pdf"_s
                         << pdfOf(
                                {"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(%1/open)>>>>",
                                 "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                 "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]"
                                 "/AA<</O<</S/JavaScript/JS(app.launchURL\\('%1/js'\\))>>>>>>"});
}

void PreviewTest::nothingIsAskedOfTheNetwork()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *place = reinterpret_cast<sockaddr *>(&address);
    QVERIFY(::bind(listener.get(), place, size) == 0 && ::listen(listener.get(), 5) == 0);
    QVERIFY(::getsockname(listener.get(), place, &size) == 0);
    PreviewView view;
    show(view, name,
         content.replace("%1", "http://127.0.0.1:" + QByteArray::number(ntohs(address.sin_port))));
    // Whatever it loaded was asked for before it was drawn.
    show(view, u"after.txt"_s, "fine");
    const UniqueFd asked(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    QCOMPARE(asked.get(), -1);
}

void PreviewTest::opensAHugeTree()
{
#ifdef __SANITIZE_ADDRESS__
    constexpr int megabytes = 10;
#else
    constexpr int megabytes = 100;
#endif
    QByteArray part;
    while (part.size() < (1 << 20))
        part += R"({"name":"row","values":[1,2,3],"text":"some words of a row"},)";
    QByteArray content = "[";
    for (int i = 0; i < megabytes; ++i)
        content += part;
    content += "{\"name\":\"needle\"}]";
    PreviewView view;
    show(view, u"huge.json"_s, content);
    content.clear();
    QCOMPARE(view.mode(), PreviewView::Mode::Rendered);
    auto *tree = view.findChild<QTreeView *>(u"preview.json"_s);
    QVERIFY(tree && tree->isVisible());
    // A branch of so many is cut into runs, and found through them.
    const QModelIndex document = tree->model()->index(0, 0);
    QTRY_VERIFY_WITH_TIMEOUT(tree->model()->rowCount(document) > 10, 40'000);
    auto *find = view.findChild<QLineEdit *>(u"preview.jsonFind"_s);
    QVERIFY(find);
    find->setText(u"needle"_s);
    QTest::keyClick(find, Qt::Key_Return);
    auto *pointer = view.findChild<QLabel *>(u"preview.pointer"_s);
    QTRY_VERIFY_WITH_TIMEOUT(pointer->text().endsWith(u"/name"_s), 40'000);
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
