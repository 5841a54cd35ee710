#include "app/desktop/artifacts/artifact_details.h"
#include "app/desktop/artifacts/artifact_tree.h"
#include "app/desktop/artifacts/artifacts_page.h"
#include "app/desktop/artifacts/file_compare_view.h"
#include "app/desktop/artifacts/open_with.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/main_window.h"
#include "engine/engine_config.h"
#include "tests/support/skill_folder.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QMessageBox>
#include <QProcessEnvironment>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

/// A window with this page alone, over a store of its own with the real sandbox.
class PageFixture
{
public:
    PageFixture() : m_settings(path(u"desktop.ini"_s)), m_window(m_session, m_settings)
    {
        m_settings.setTheme(u"light"_s);
        m_window.addPage([this] { return new ArtifactsPage(m_window.desk()); }, u"artifacts"_s,
                         u"artifacts"_s, u"Artifacts"_s);
        m_window.finishPages();
    }

    /// True once the store is open.
    bool start()
    {
        QProcessEnvironment environment;
        environment.insert(u"SKILLBOX_DATA_DIR"_s, path(u"data"_s));
        environment.insert(u"PATH"_s, u"/usr/bin:/bin"_s);
        const auto config = loadEngineConfig(environment,
                                             QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY));
        if (!config)
            return false;
        m_window.show();
        EngineThread &engine = m_session.engine();
        engine.open(*config);
        return QTest::qWaitFor([&] { return engine.state() == EngineThread::State::Open; }, 20'000);
    }

    MainWindow &window() { return m_window; }
    DesktopSession &session() { return m_session; }
    QString path(const QString &name) const { return m_directory.filePath(name); }

private:
    QTemporaryDir m_directory;
    Settings m_settings;
    DesktopSession m_session;
    MainWindow m_window;
};

} // namespace

class ArtifactsPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void opensHarmlessThingsOnly_data();
    void opensHarmlessThingsOnly();
    void treeShowsRunsFoldersAndFiles();
    void tellsThatThereAreNoFiles();
    void showsTheFilesOfARun();
    void findsByTheFilter();
    void comparesTwoFiles();
    void savesOneFileAndAll();
    void asksBeforeOpeningWhatMayRun();
    void copiesAndReveals();
    void detailsShowWhatThereIsRoomFor();
    void tellsThatContentIsGone();
    void tellsThatARunLeftNothing();
    void tellsThatTheStoreCannotBeOpened();

public Q_SLOTS:
    /// Stands for the program that opens files.
    void takeUrl(const QUrl &url) { m_openedUrls.append(url); }

private:
    ExecutionId run(const QByteArray &script);
    void open();
    QModelIndex item(const QString &path);
    void choose(const QStringList &paths);
    bool previews(const QString &name);
    QStringList noticeTitles();
    bool isSaid(const QString &text);

    std::unique_ptr<PageFixture> m_fixture;
    ArtifactsPage *m_page = nullptr;
    ArtifactTree *m_tree = nullptr;
    QList<QUrl> m_openedUrls;
};

namespace {

/// Writes a table, a tree, a text and a drawing.
const QByteArray filesScript = R"(import os
root = os.environ["SANDBOX_FILES_DIR"]
os.makedirs(root + "data", exist_ok=True)
def put(name, text):
    with open(root + name, "w") as file:
        file.write(text)
put("data/table.csv", "name,count\nplum,3\npear,20\n")
put("data/old.txt", "one\ntwo\n")
put("data/new.txt", "one\nthree\n")
put("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'><rect width='20' height='20' fill='#00f'/></svg>")
put("picture-2.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'><rect width='10' height='20' fill='#00f'/></svg>")
put("run.sh", "echo dangerous\n")
)";

} // namespace

void ArtifactsPageTest::init()
{
    m_fixture = std::make_unique<PageFixture>();
    QVERIFY(m_fixture->start());
    m_page = m_fixture->window().findChild<ArtifactsPage *>();
    QVERIFY(m_page);
    m_tree = m_page->findChild<ArtifactTree *>(u"artifacts.tree"_s);
    m_openedUrls.clear();
    QDesktopServices::setUrlHandler(u"file"_s, this, "takeUrl");
}

void ArtifactsPageTest::cleanup()
{
    QDesktopServices::unsetUrlHandler(u"file"_s);
    m_fixture.reset();
}

/// Runs it and waits for its end.
ExecutionId ArtifactsPageTest::run(const QByteArray &script)
{
    test::SkillFolder folder;
    folder.name = u"maker"_s;
    folder.script = script;
    RunOrder order;
    order.directory = folder.write(m_fixture->path(u"drafts"_s));
    order.input = "{}";
    RunFeed feed;
    QSignalSpy finished(&feed, &RunFeed::finished);
    std::optional<ExecutionId> id;
    m_fixture->session().runs().start(m_page, order, feed, [&](const Result<ExecutionId> &started) {
        id = started ? *started : ExecutionId{};
    });
    [&] {
        QTRY_VERIFY_WITH_TIMEOUT(id.has_value(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!finished.isEmpty(), 60'000);
    }();
    return id.value_or(ExecutionId{});
}

/// The page with what there is.
void ArtifactsPageTest::open()
{
    m_fixture->window().showPage(u"artifacts"_s);
    QTRY_VERIFY_WITH_TIMEOUT(m_tree->model()->rowCount() > 0, 20'000);
}

QModelIndex ArtifactsPageTest::item(const QString &path)
{
    QModelIndex index = m_tree->model()->index(0, 0);
    for (const QString &part : path.split(u'/')) {
        QModelIndex next;
        for (int row = 0; row < m_tree->model()->rowCount(index); ++row) {
            const QModelIndex child = m_tree->model()->index(row, 0, index);
            if (child.data().toString() == part)
                next = child;
        }
        index = next;
        if (!index.isValid())
            return {};
    }
    return index;
}

void ArtifactsPageTest::choose(const QStringList &paths)
{
    bool first = true;
    for (const QString &path : paths) {
        const QModelIndex index = item(path);
        QVERIFY2(index.isValid(), qPrintable(path));
        m_tree->scrollTo(index);
        QTest::mouseClick(m_tree->viewport(), Qt::LeftButton,
                          first ? Qt::NoModifier : Qt::ControlModifier,
                          m_tree->visualRect(index).center());
        first = false;
    }
}

bool ArtifactsPageTest::previews(const QString &name)
{
    const auto *widget = m_page->findChild<QWidget *>(name);
    return widget && widget->isVisible();
}

QStringList ArtifactsPageTest::noticeTitles()
{
    QStringList titles;
    for (const Notice &notice : m_fixture->window().desk().notifications.history())
        titles += notice.title;
    return titles;
}

bool ArtifactsPageTest::isSaid(const QString &text)
{
    for (const QLabel *label : m_page->findChildren<QLabel *>()) {
        if (label->isVisible() && label->text().contains(text))
            return true;
    }
    return false;
}

void ArtifactsPageTest::opensHarmlessThingsOnly_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("harmless");
    QTest::newRow("picture") << u"a.PNG"_s << true;
    QTest::newRow("table") << u"x/a.csv"_s << true;
    QTest::newRow("script") << u"a.sh"_s << false;
    QTest::newRow("starter") << u"a.desktop"_s << false;
    QTest::newRow("page") << u"a.html"_s << false;
    QTest::newRow("two endings") << u"a.png.desktop"_s << false;
    QTest::newRow("no ending") << u"a"_s << false;
    QTest::newRow("sheet with macros") << u"a.xlsm"_s << false;
}

void ArtifactsPageTest::opensHarmlessThingsOnly()
{
    QFETCH(QString, name);
    QTEST(opensHarmlessly(name, {}), "harmless");
}

void ArtifactsPageTest::treeShowsRunsFoldersAndFiles()
{
    ArtifactTreeModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto made = [](const QString &id, int minute, const QStringList &paths) {
        ExecutionRecord run;
        run.id = {id};
        run.skillName = u"maker"_s;
        run.status = ExecutionStatus::Success;
        run.createdAt = QDateTime(QDate(2026, 1, 2), QTime(3, minute), Qt::UTC);
        for (const QString &path : paths)
            run.artifacts.append({path, {}, {}, 10, u"text/plain"_s});
        return run;
    };
    model.setRuns({made(u"b"_s, 2, {u"a/b/c.txt"_s, u"a/d.txt"_s, u"e.txt"_s})});
    model.insertRun(made(u"c"_s, 3, {u"f.txt"_s}));
    model.insertRun(made(u"a"_s, 1, {}));
    model.insertRun(made(u"c"_s, 3, {u"f.txt"_s})); // is there
    model.appendRuns({made(u"0"_s, 0, {u"g.txt"_s})});
    QCOMPARE(model.rowCount(), 4);
    QStringList ids;
    for (int row = 0; row < 4; ++row)
        ids += model.run(model.index(row, 0))->id.value;
    QCOMPARE(ids, (QStringList{u"c"_s, u"b"_s, u"a"_s, u"0"_s}));

    const QModelIndex deep = model.find({{u"b"_s}, u"a/b/c.txt"_s});
    QVERIFY(deep.isValid());
    QCOMPARE(model.artifact(deep)->path, u"a/b/c.txt"_s);
    QCOMPARE(model.place(deep).path, u"a/b/c.txt"_s);
    QCOMPARE(model.artifactsBelow(model.find({{u"b"_s}, u"a"_s})).size(), 2);
    QCOMPARE(model.artifactsBelow(model.find({{u"b"_s}, {}})).size(), 3);
    QVERIFY(!model.find({{u"b"_s}, u"nothing"_s}).isValid());
}

void ArtifactsPageTest::tellsThatThereAreNoFiles()
{
    m_fixture->window().showPage(u"artifacts"_s);
    QTRY_VERIFY_WITH_TIMEOUT(isSaid(u"No files yet"_s), 20'000);
}

void ArtifactsPageTest::showsTheFilesOfARun()
{
    const ExecutionId id = run(filesScript);
    Q_EMIT m_fixture->window().desk().navigation.artifactRequested(id, u"data/table.csv"_s);
    QCOMPARE(m_fixture->window().currentPage(), u"artifacts"_s);
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.table"_s), 20'000);
    QCOMPARE(m_page->findChild<QLabel *>(u"artifacts.name"_s)->text(), u"data/table.csv"_s);
    QCOMPARE(m_tree->currentIndex().data().toString(), u"table.csv"_s);

    choose({u"picture.svg"_s});
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.canvas"_s), 40'000);
    choose({u"run.sh"_s});
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.text"_s), 20'000);
    // A folder has a summary and a way on.
    choose({u"data"_s});
    QTRY_VERIFY_WITH_TIMEOUT(isSaid(u"3 files"_s), 20'000);

    // A run that ends meanwhile comes to the list; what is chosen stays.
    choose({u"run.sh"_s});
    run("import os\nopen(os.environ['SANDBOX_FILES_DIR'] + 'later.txt', 'w').write('x')\n");
    QTRY_COMPARE_WITH_TIMEOUT(m_tree->model()->rowCount(), 2, 20'000);
    QCOMPARE(m_tree->currentIndex().data().toString(), u"run.sh"_s);
}

void ArtifactsPageTest::findsByTheFilter()
{
    run(filesScript);
    open();
    auto *filter = m_page->findChild<QLineEdit *>(u"artifacts.filter"_s);
    QTest::keyClicks(filter, u"table"_s);
    QTRY_VERIFY_WITH_TIMEOUT(item(u"data/table.csv"_s).isValid() && !item(u"run.sh"_s).isValid(),
                             20'000);
    filter->clear();
    QVERIFY(item(u"run.sh"_s).isValid());
}

void ArtifactsPageTest::comparesTwoFiles()
{
    run(filesScript);
    open();
    choose({u"data/new.txt"_s, u"data/old.txt"_s});
    auto *compare = m_page->findChild<FileCompareView *>(u"artifacts.compare"_s);
    QTRY_VERIFY_WITH_TIMEOUT(compare->isVisible() && compare->summary().contains(u"differ"_s),
                             20'000);
    QVERIFY(previews(u"compare.diff"_s));

    choose({u"picture.svg"_s, u"picture-2.svg"_s});
    QTRY_VERIFY_WITH_TIMEOUT(compare->summary().contains(u"pixels differ"_s), 40'000);
    auto *images = m_page->findChild<ImageCompare *>(u"compare.images"_s);
    QVERIFY(images->differingPixels() > 0);
    for (const auto &name : {u"compare.view1"_s, u"compare.view2"_s, u"compare.view0"_s})
        QTest::mouseClick(m_page->findChild<QToolButton *>(name), Qt::LeftButton);

    choose({u"run.sh"_s});
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.text"_s), 20'000);
}

void ArtifactsPageTest::savesOneFileAndAll()
{
    run(filesScript);
    open();
    choose({u"data/table.csv"_s});
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.table"_s), 20'000);
    const QString target = m_fixture->path(u"saved.csv"_s);
    QTest::mouseClick(m_page->findChild<QToolButton *>(u"artifacts.save"_s), Qt::LeftButton);
    auto *dialog = m_page->findChild<QFileDialog *>(u"artifacts.saveDialog"_s);
    QVERIFY(dialog);
    Q_EMIT dialog->fileSelected(target);
    dialog->close();
    QTRY_COMPARE_WITH_TIMEOUT(noticeTitles().count(u"Saved"_s), 1, 20'000);
    QCOMPARE(test::readFile(target), "name,count\nplum,3\npear,20\n");

    const QString folder = m_fixture->path(u"all"_s);
    QVERIFY(QDir().mkpath(folder));
    QTest::mouseClick(m_page->findChild<QToolButton *>(u"artifacts.saveAll"_s), Qt::LeftButton);
    auto *folders = m_page->findChild<QFileDialog *>(u"artifacts.folderDialog"_s);
    QVERIFY(folders);
    Q_EMIT folders->fileSelected(folder);
    folders->close();
    QTRY_COMPARE_WITH_TIMEOUT(noticeTitles().count(u"Saved"_s), 2, 20'000);
    QCOMPARE(test::allEntries(folder).filter(u".txt"_s).size(), 2);

    m_fixture->window().desk().commands.find(u"artifacts.archive"_s)->trigger();
    auto *archives = m_page->findChild<QFileDialog *>(u"artifacts.archiveDialog"_s);
    QVERIFY(archives);
    Q_EMIT archives->fileSelected(m_fixture->path(u"all.tar.gz"_s));
    archives->close();
    QTRY_COMPARE_WITH_TIMEOUT(noticeTitles().count(u"Saved"_s), 3, 20'000);
    QVERIFY(test::readFile(m_fixture->path(u"all.tar.gz"_s)).startsWith("\x1f\x8b"));

    // Where nothing can be written it says so.
    QTest::mouseClick(m_page->findChild<QToolButton *>(u"artifacts.save"_s), Qt::LeftButton);
    dialog = m_page->findChild<QFileDialog *>(u"artifacts.saveDialog"_s);
    QVERIFY(dialog);
    Q_EMIT dialog->fileSelected(m_fixture->path(u"missing/folder/x"_s));
    dialog->close();
    QTRY_VERIFY_WITH_TIMEOUT(noticeTitles().contains(u"Not written"_s), 20'000);
}

void ArtifactsPageTest::asksBeforeOpeningWhatMayRun()
{
    run(filesScript);
    open();
    choose({u"run.sh"_s});
    auto *button = m_page->findChild<QToolButton *>(u"artifacts.open"_s);
    QTest::mouseClick(button, Qt::LeftButton);
    auto *question = m_page->findChild<QMessageBox *>(u"artifacts.openQuestion"_s);
    QVERIFY(question);
    QTest::mouseClick(question->button(QMessageBox::Cancel), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!m_page->findChild<QMessageBox *>(u"artifacts.openQuestion"_s),
                             20'000);
    QVERIFY(m_openedUrls.isEmpty());

    choose({u"data/old.txt"_s});
    QTest::mouseClick(button, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(m_openedUrls.size(), 1, 20'000);
    const QString copy = m_openedUrls.first().toLocalFile();
    QCOMPARE(QFileInfo(copy).fileName(), u"old.txt"_s);
    QCOMPARE(test::readFile(copy), "one\ntwo\n");

    choose({u"run.sh"_s});
    QTest::mouseClick(button, Qt::LeftButton);
    question = m_page->findChild<QMessageBox *>(u"artifacts.openQuestion"_s);
    QVERIFY(question);
    for (QAbstractButton *answer : question->buttons()) {
        if (question->buttonRole(answer) == QMessageBox::AcceptRole)
            QTest::mouseClick(answer, Qt::LeftButton);
    }
    QTRY_COMPARE_WITH_TIMEOUT(m_openedUrls.size(), 2, 20'000);
    QVERIFY(!QFileInfo(m_openedUrls.last().toLocalFile()).isExecutable());

    // The copies go with the window.
    m_fixture.reset();
    QVERIFY(!QFile::exists(copy));
}

void ArtifactsPageTest::copiesAndReveals()
{
    const ExecutionId id = run(filesScript);
    open();
    choose({u"data/old.txt"_s});
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.text"_s), 20'000);
    CommandRegistry &commands = m_fixture->window().desk().commands;
    commands.find(u"artifacts.copy"_s)->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::clipboard()->text(), u"one\ntwo\n"_s, 20'000);
    commands.find(u"artifacts.copyPath"_s)->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(QApplication::clipboard()->text().endsWith(u"/old.txt"_s), 20'000);

    choose({u"picture.svg"_s});
    QTRY_VERIFY_WITH_TIMEOUT(previews(u"preview.canvas"_s), 40'000);
    commands.find(u"artifacts.copy"_s)->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!QApplication::clipboard()->image().isNull(), 20'000);

    QSignalSpy revealed(&m_fixture->window().desk().navigation, &Navigation::executionRequested);
    commands.find(u"artifacts.reveal"_s)->trigger();
    QCOMPARE(revealed.size(), 1);
    QCOMPARE(revealed.first().first().value<ExecutionId>().value, id.value);

    bool found = false;
    for (const PaletteEntry &entry : m_page->paletteEntries())
        found = found || entry.title == u"data/table.csv"_s;
    QVERIFY(found);
}

void ArtifactsPageTest::detailsShowWhatThereIsRoomFor()
{
    ExecutionRecord run;
    run.id = ExecutionId{u"01234567-89ab-cdef-0123-456789abcdef"_s};
    run.skillName = u"<b>a-name-of-forty-characters-and-no-markup</b>"_s;
    run.skillVersion = u"1.0.0"_s;
    ArtifactRecord artifact;
    artifact.path = u"table.csv"_s;
    artifact.contentType = u"text/csv"_s;
    artifact.blob.sha256 = QString(64, u'a');
    QWidget window; // a layout's own window is not made smaller than it
    window.resize(1200, 100);
    ArtifactDetails details(&window);
    details.show(run, artifact);
    details.resize(1200, 60);
    window.show();
    auto *digest = details.findChild<QLabel *>(u"artifacts.digest"_s);
    auto *skill = details.findChild<QToolButton *>(u"artifacts.skill"_s);
    QTRY_VERIFY_WITH_TIMEOUT(digest->isVisible(), 20'000);
    // As wide as its text wants to be, and nothing of a name is taken for markup.
    QVERIFY(skill->width() >= skill->sizeHint().width());
    QVERIFY(!skill->toolTip().contains(u"<b>"_s));
    details.resize(500, 60);
    QTRY_VERIFY_WITH_TIMEOUT(!digest->isVisible(), 20'000);
    QVERIFY(skill->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(skill->width() >= skill->sizeHint().width(), 20'000);
    QVERIFY(details.minimumSizeHint().width() < 200);
}

void ArtifactsPageTest::tellsThatContentIsGone()
{
    const ExecutionId id = run(filesScript);
    // What a person with a broom does to the store.
    QDirIterator blobs(m_fixture->path(u"data/blobs"_s), QDir::Files, QDirIterator::Subdirectories);
    while (blobs.hasNext())
        QFile::remove(blobs.next());
    Q_EMIT m_fixture->window().desk().navigation.artifactRequested(id, u"data/old.txt"_s);
    QTRY_VERIFY_WITH_TIMEOUT(isSaid(u"not in the store any more"_s), 20'000);
}

void ArtifactsPageTest::tellsThatARunLeftNothing()
{
    const ExecutionId id = run("print('nothing')\n");
    Q_EMIT m_fixture->window().desk().navigation.artifactRequested(id, {});
    QTRY_VERIFY_WITH_TIMEOUT(isSaid(u"This run left no files"_s), 20'000);
    Q_EMIT m_fixture->window().desk().navigation.artifactRequested(
        {u"00000000-0000-4000-8000-000000000000"_s}, {});
    QTRY_VERIFY_WITH_TIMEOUT(noticeTitles().contains(u"The run cannot be shown"_s), 20'000);
}

void ArtifactsPageTest::tellsThatTheStoreCannotBeOpened()
{
    m_fixture->session().engine().setFailed({ErrorCode::StorageCorrupt, u"the store is broken"_s});
    m_fixture->window().showPage(u"artifacts"_s);
    QTRY_VERIFY_WITH_TIMEOUT(isSaid(u"the store is broken"_s), 20'000);
}

QTEST_MAIN(ArtifactsPageTest)
#include "test_artifacts_page.moc"
