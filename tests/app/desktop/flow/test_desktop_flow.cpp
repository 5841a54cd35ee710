// One working session, by mouse and keyboard, from the first start to the difference of two runs.
// ctest runs it without a screen. With SKILLBOX_SHOTS=<folder> it leaves a picture of each step
// there: `./dev shots` does that on a screen of its own, in the theme SKILLBOX_SHOTS_THEME.

#include "app/desktop/editor/editor_page.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/server_page/request_log_model.h"
#include "engine/local_endpoint.h"
#include "app/desktop/preview/image_canvas.h"
#include "tests/support/desktop_fixture.h"

#include <QAbstractItemView>
#include <QClipboard>
#include <QMenu>
#include <QPlainTextEdit>
#include <QProcess>
#include <QScreen>
#include <QStandardPaths>
#include <QTabWidget>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patience = 30'000;
/// Only for pictures: what fades or blinks has come to rest.
constexpr int rest = 350;

constexpr auto firstText = "A skill is a folder.\\nIt has instructions for models,\\nand scripts "
                           "that run in a sandbox,\\nwithout a network.\\nIts files are kept.\\nAn agent finds it by its description,"
                           "\\nreads it,\\nand runs it.";
constexpr auto secondText = "A skill is a folder.\\nIt has instructions for people and models,\\n"
                            "and scripts that run in a sandbox.";

/// The server of a team, as a program of its own on a store of its own.
class TeamServer
{
public:
    bool start(const QString &data)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"SKILLBOX_DATA_DIR"_s, data);
        m_process.setProcessEnvironment(environment);
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY "/skillbox-server"),
                        {u"--listen"_s, u"127.0.0.1:0"_s});
        return QTest::qWaitFor(
            [&] {
                const QList<LocalEndpoint> found = liveLocalEndpoints(data);
                if (!found.isEmpty())
                    m_endpoint = found.first();
                return !found.isEmpty();
            },
            patience);
    }
    ~TeamServer()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(patience))
            m_process.kill();
    }
    QString address() const { return m_endpoint.addresses.value(0); }
    QString key() const { return m_endpoint.key; }
    QString said() { return QString::fromUtf8(m_process.readAll()); }

private:
    QProcess m_process;
    LocalEndpoint m_endpoint;
};

/// A label or button that is shown before it has a parent is a window of its own for a moment: it
/// flashes, and takes the focus away.
class StrayWindows : public QObject
{
public:
    QStringList seen;

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        auto *widget = event->type() == QEvent::Show ? qobject_cast<QWidget *>(watched) : nullptr;
        if (widget && widget->windowType() == Qt::Window && !widget->inherits("QMainWindow")) {
            const auto *label = qobject_cast<QLabel *>(widget);
            seen.append(QLatin1String(widget->metaObject()->className()) + u' '
                        + widget->objectName() + u' ' + (label ? label->text() : QString()));
        }
        return false;
    }
};

} // namespace

class DesktopFlow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void init();
    void cleanup();

    void theFirstStepsEndInARun();
    void theCatalogShowsTheSkill();
    void aNewSkillOpensInTheEditor();
    void anErrorIsMarkedAndFixed();
    void whatIsWrittenRuns();
    void itsFilesAreShown();
    void itIsPublishedHere();
    void itIsPublishedToTheTeam();
    void twoRunsAreCompared();
    void anAgentIsSeen();
    void theRestOfTheWindow();

private:
    template<typename T>
    T *find(const QString &name)
    {
        // The one that is in front, where several have the name.
        for (T *widget : m_fixture->window().findChildren<T *>(name)) {
            if (widget->isVisible())
                return widget;
        }
        return nullptr;
    }
    template<typename T>
    T *await(const QString &name)
    {
        T *widget = nullptr;
        const bool there = QTest::qWaitFor([&] { return (widget = find<T>(name)); }, patience);
        if (!there)
            qWarning("there is no %s", qPrintable(name));
        return widget;
    }
    /// Shortcuts want the window active; where no window manager is, a closed dialog leaves none.
    bool press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    bool chooseAction(QMenu *menu, const QString &beginning);
    bool click(const QString &name);
    bool palette(const QString &typed);
    bool chooseItem(QAbstractItemView &view, const QString &text, bool twice = false);
    bool paste(QWidget *into, const QString &text);
    bool runWith(const char *text);
    QString published();
    enum class Messages { Gone, Shown };
    void shot(const QString &name, Messages messages = Messages::Gone);
    bool ended(int runs);

    std::unique_ptr<test::DesktopFixture> m_fixture;
    TeamServer m_team;
    StrayWindows m_strays;
    QString m_pictures;
    QString m_theme;
    bool m_broken = false;
};

void DesktopFlow::initTestCase()
{
    m_pictures = qEnvironmentVariable("SKILLBOX_SHOTS");
    m_theme = qEnvironmentVariable("SKILLBOX_SHOTS_THEME", u"light"_s);
    m_fixture = std::make_unique<test::DesktopFixture>(test::DesktopFixture::Welcome::Shown);
    qputenv("HOME", QFile::encodeName(m_fixture->path({})));
    m_fixture->desktop().settings().setTheme(m_theme);
    qApp->installEventFilter(&m_strays);
    QVERIFY(m_fixture->start());
    QVERIFY(QTest::qWaitForWindowActive(&m_fixture->window(), patience));
    QVERIFY2(m_team.start(m_fixture->path(u"team"_s)), qPrintable(m_team.said()));
}

void DesktopFlow::cleanupTestCase()
{
    m_fixture.reset();
}

void DesktopFlow::init()
{
    if (m_broken)
        QSKIP("a step before this one failed");
}

void DesktopFlow::cleanup()
{
    if (!QTest::currentTestFailed())
        QVERIFY2(m_strays.seen.isEmpty(), qPrintable(m_strays.seen.join(u'\n')));
    if (QTest::currentTestFailed()) {
        m_broken = true;
        shot(u"failed-"_s + QString::fromLatin1(QTest::currentTestFunction()));
    }
}

/// The whole screen where there is one, so that menus and dialogs are in it.
void DesktopFlow::shot(const QString &name, Messages messages)
{
    if (m_pictures.isEmpty())
        return;
    if (messages == Messages::Gone) {
        for (QToolButton *close : m_fixture->window().findChildren<QToolButton *>(u"toast.close"_s))
            QTest::mouseClick(close, Qt::LeftButton);
    }
    QTest::qWait(rest);
    const double scale = m_fixture->window().devicePixelRatioF();
    // Large pictures of a few steps say what there is to say of a scale.
    static const QStringList large{u"02-first-run"_s, u"03-catalog"_s, u"06-error"_s,
                                   u"10-live-log"_s, u"17-compare"_s};
    if (scale > 1 && !large.contains(name) && !name.startsWith(u"failed"_s))
        return;
    const QString file = m_pictures + u'/' + name + u'-' + m_theme
        + (scale > 1 ? u"-%1x"_s.arg(scale) : QString()) + u".png"_s;
    const QPixmap picture = QGuiApplication::platformName() == "xcb"_L1
        ? QGuiApplication::primaryScreen()->grabWindow(0)
        : m_fixture->window().grab();
    QVERIFY2(picture.save(file), qPrintable(file));
}

bool DesktopFlow::press(Qt::Key key, Qt::KeyboardModifiers modifiers)
{
    MainWindow &window = m_fixture->window();
    while (QWidget *popup = QApplication::activePopupWidget())
        popup->close();
    window.activateWindow();
    // Not isActiveWindow(): a menu of the window that has just closed counts for it.
    if (!QTest::qWaitFor([&] { return QApplication::activeWindow() == &window; }, patience))
        return false;
    QWidget *focus = window.focusWidget(); // of this window, whatever menu was there before
    QTest::keyClick(focus && focus->isVisible() ? focus : &window, key, modifiers);
    return true;
}

/// Chooses what begins like this by keyboard, wherever the mouse happens to be.
bool DesktopFlow::chooseAction(QMenu *menu, const QString &beginning)
{
    if (!menu)
        return false;
    for (QAction *action : menu->actions()) {
        if (action->text().startsWith(beginning)) {
            menu->setActiveAction(action);
            QTest::keyClick(menu, Qt::Key_Return);
            return true;
        }
    }
    return false;
}

bool DesktopFlow::click(const QString &name)
{
    auto *button = await<QAbstractButton>(name);
    if (!button || !QTest::qWaitFor([&] { return button->isEnabled(); }, patience))
        return false;
    QTest::mouseClick(button, Qt::LeftButton);
    return true;
}

bool DesktopFlow::palette(const QString &typed)
{
    if (!press(Qt::Key_K, Qt::ControlModifier))
        return false;
    auto *field = await<QLineEdit>(u"palette.field"_s);
    if (!field)
        return false;
    QTest::keyClicks(field, typed);
    QTest::keyClick(field, Qt::Key_Return);
    return true;
}

bool DesktopFlow::chooseItem(QAbstractItemView &view, const QString &text, bool twice)
{
    QModelIndex found;
    const auto search = [&] {
        QList<QModelIndex> open{view.rootIndex()};
        while (!open.isEmpty()) {
            const QModelIndex parent = open.takeFirst();
            for (int row = 0; row < view.model()->rowCount(parent); ++row) {
                const QModelIndex index = view.model()->index(row, 0, parent);
                if (index.data().toString() == text) {
                    found = index;
                    return true;
                }
                open.append(index);
            }
        }
        return false;
    };
    if (!QTest::qWaitFor(search, patience))
        return false;
    view.scrollTo(found);
    const QPoint place = view.visualRect(found).center();
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, place);
    if (twice)
        QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, place);
    return true;
}

bool DesktopFlow::paste(QWidget *into, const QString &text)
{
    if (!into)
        return false;
    into->setFocus();
    QTest::keyClick(into, Qt::Key_A, Qt::ControlModifier);
    QGuiApplication::clipboard()->setText(text);
    QTest::keyClick(into, Qt::Key_V, Qt::ControlModifier);
    return true;
}

void DesktopFlow::theFirstStepsEndInARun()
{
    QCOMPARE(m_fixture->window().currentPage(), u"welcome"_s);
    auto *add = await<QPushButton>(u"welcome.add"_s);
    QVERIFY(add);
    QTRY_VERIFY_WITH_TIMEOUT(add->isEnabled(), patience);
    shot(u"01-first-steps"_s);
    QVERIFY(click(u"welcome.add"_s));
    QVERIFY(click(u"welcome.run"_s));
    QVERIFY(await<QPlainTextEdit>(u"welcome.output"_s));
    shot(u"02-first-run"_s);
    QVERIFY(click(u"welcome.catalog"_s));
}

void DesktopFlow::theCatalogShowsTheSkill()
{
    QCOMPARE(m_fixture->window().currentPage(), u"catalog"_s);
    auto *cards = await<QAbstractItemView>(u"catalog.cardsView"_s);
    QVERIFY(cards);
    QVERIFY(chooseItem(*cards, u"word-counter"_s));
    auto *name = await<QLabel>(u"catalog.skillName"_s);
    QVERIFY(name);
    QTRY_COMPARE_WITH_TIMEOUT(name->text(), u"word-counter"_s, patience);
    shot(u"03-catalog"_s);
}

void DesktopFlow::aNewSkillOpensInTheEditor()
{
    QVERIFY(palette(u"new skill"_s));
    auto *name = await<QLineEdit>(u"editor.newName"_s);
    QVERIFY(name);
    QTest::keyClicks(name, u"line-stats"_s);
    QTest::keyClicks(await<QWidget>(u"editor.newDescription"_s),
                     u"Counts the lines of a text and draws how long they are. Use it when somebody "
                     "asks about the shape of a text."_s);
    await<QLineEdit>(u"editor.newFolder"_s)->setText(m_fixture->path(u"skills"_s));
    shot(u"04-new-skill"_s);
    QVERIFY(click(u"editor.create"_s));
    auto *tree = await<QAbstractItemView>(u"editor.tree"_s);
    QVERIFY(tree);
    QVERIFY(chooseItem(*tree, u"main.py"_s, true));
    auto *text = await<QPlainTextEdit>(u"editor.text"_s);
    QTRY_VERIFY_WITH_TIMEOUT((text = find<QPlainTextEdit>(u"editor.text"_s))
                                 && text->toPlainText().contains(u"import json"_s),
                             patience);
    QFile script(QStringLiteral(SKILLBOX_FLOW_FOLDER "/line_stats.py"));
    QVERIFY(script.open(QIODevice::ReadOnly));
    QVERIFY(paste(text, QString::fromUtf8(script.readAll())));
    QTest::keyClick(text, Qt::Key_Home, Qt::ControlModifier);
    QVERIFY(press(Qt::Key_S, Qt::ControlModifier));
    const QString path = m_fixture->path(u"skills/line-stats/main.py"_s);
    QTRY_COMPARE_WITH_TIMEOUT(QFileInfo(path).size(), script.size(), patience);
    shot(u"05-editor"_s);
}

void DesktopFlow::anErrorIsMarkedAndFixed()
{
    QVERIFY(chooseItem(*await<QAbstractItemView>(u"editor.tree"_s), u"SKILL.md"_s, true));
    QPlainTextEdit *text = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((text = find<QPlainTextEdit>(u"editor.text"_s))
                                 && text->toPlainText().contains(u"name: line-stats"_s),
                             patience);
    text->setFocus();
    QTest::keyClick(text, Qt::Key_Home, Qt::ControlModifier);
    QTest::keyClick(text, Qt::Key_Down);
    QTest::keyClick(text, Qt::Key_End);
    for (int i = 0; i < 10; ++i)
        QTest::keyClick(text, Qt::Key_Backspace);
    QTest::keyClicks(text, u"Line Stats"_s);
    auto *problems = m_fixture->widget<QAbstractItemView>(u"editor.problems"_s);
    const auto errors = [&] {
        for (int row = 0; row < problems->model()->rowCount(); ++row) {
            for (int column = 0; column < problems->model()->columnCount(); ++column) {
                if (problems->model()->index(row, column).data().toString().contains(
                        u"\"Line Stats\" cannot be used"_s))
                    return true;
            }
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(errors(), patience);
    if (!problems->isVisible())
        QVERIFY(palette(u"show the problems"_s));
    text->setFocus();
    // What completion may offer would take the next keys.
    while (QWidget *popup = QApplication::activePopupWidget())
        QTest::keyClick(popup, Qt::Key_Escape);
    QVERIFY(press(Qt::Key_F8)); // to the problem
    QTRY_COMPARE_WITH_TIMEOUT(text->textCursor().blockNumber(), 1, patience);
    shot(u"06-error"_s);

    // The window's activation has the checker look again, and meanwhile there is nothing to choose.
    const SkillCheck &check = m_fixture->window().findChild<EditorPage *>()->check();
    QTRY_VERIFY_WITH_TIMEOUT(check.isCurrent(), patience);
    QTest::keyClick(text, Qt::Key_Return, Qt::AltModifier);
    auto *fixes = await<QMenu>(u"editor.fixMenu"_s);
    QVERIFY(fixes);
    shot(u"07-fixes"_s);
    QVERIFY(chooseAction(fixes, u"Rename the skill"_s));
    QVERIFY(await<QPushButton>(u"editor.applyChange"_s));
    shot(u"08-fix"_s);
    QVERIFY(click(u"editor.applyChange"_s));
    QTRY_VERIFY_WITH_TIMEOUT(!errors(), patience);
    QVERIFY(text->toPlainText().contains(u"name: line-stats"_s));
    QVERIFY(press(Qt::Key_S, Qt::ControlModifier));
}

bool DesktopFlow::runWith(const char *text)
{
    if (!click(u"runs.input.asJson"_s))
        return false;
    auto *json = await<QPlainTextEdit>(u"runs.input.json"_s);
    if (!paste(json, u"{\n  \"text\": \"%1\"\n}"_s.arg(QString::fromLatin1(text))))
        return false;
    return click(u"runs.run"_s);
}

/// So many runs of the new skill are over, and each was a success.
bool DesktopFlow::ended(int count)
{
    std::optional<qsizetype> successes;
    m_fixture->session().runs().list(this, {.limit = 50}, [&](const auto &page) {
        successes = page ? std::count_if(page->begin(), page->end(),
                                         [](const ExecutionRecord &run) {
                                             return run.skillName == "line-stats"_L1
                                                 && run.status == ExecutionStatus::Success;
                                         })
                         : 0;
    });
    return QTest::qWaitFor([&] { return successes.has_value(); }, patience) && *successes == count;
}

void DesktopFlow::whatIsWrittenRuns()
{
    QVERIFY(press(Qt::Key_F5));
    QTRY_COMPARE_WITH_TIMEOUT(m_fixture->window().currentPage(), u"runs"_s, patience);
    auto *run = await<QPushButton>(u"runs.run"_s);
    QVERIFY(run);
    QTRY_VERIFY_WITH_TIMEOUT(run->isEnabled(), patience);
    shot(u"09-run-form"_s);
    QVERIFY(runWith(firstText));
    auto *tabs = await<QTabWidget>(u"runs.tabs"_s);
    QVERIFY(tabs);
    QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(1).center());
    QVERIFY(await<QLabel>(u"runs.status"_s));
    auto *lines = await<QLabel>(u"runs.log.count"_s);
    QVERIFY(lines);
    QTRY_VERIFY_WITH_TIMEOUT(lines->text().section(u' ', 0, 0).toInt() >= 3, patience);
    shot(u"10-live-log"_s);
    QTRY_VERIFY_WITH_TIMEOUT(ended(1), patience);
    QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, tabs->tabBar()->tabRect(0).center());
    shot(u"11-output"_s);
}

void DesktopFlow::itsFilesAreShown()
{
    QVERIFY(palette(u"artifacts"_s));
    QTRY_COMPARE_WITH_TIMEOUT(m_fixture->window().currentPage(), u"artifacts"_s, patience);
    auto *tree = await<QAbstractItemView>(u"artifacts.tree"_s);
    QVERIFY(tree);
    QVERIFY(chooseItem(*tree, u"lines.svg"_s));
    auto *name = await<QLabel>(u"artifacts.name"_s);
    QTRY_VERIFY_WITH_TIMEOUT(name->text().contains(u"lines.svg"_s), patience);
    auto *canvas = await<ImageCanvas>(u"preview.canvas"_s); // decoded in a process of its own
    QVERIFY(canvas);
    QTRY_VERIFY_WITH_TIMEOUT(!canvas->picture().isNull(), patience);
    shot(u"12-artifact"_s);
    QVERIFY(chooseItem(*tree, u"lines.csv"_s));
    QTRY_VERIFY_WITH_TIMEOUT(name->text().contains(u"lines.csv"_s), patience);
    auto *rows = await<QLabel>(u"preview.rows"_s);
    QVERIFY(rows);
    QTRY_COMPARE_WITH_TIMEOUT(rows->text(), u"8 rows"_s, patience);
    shot(u"13-table"_s);
}

void DesktopFlow::itIsPublishedHere()
{
    m_fixture->window().showPage(u"editor"_s);
    QVERIFY(palette(u"publish to this"_s));
    QTRY_COMPARE_WITH_TIMEOUT(m_fixture->window().currentPage(), u"catalog"_s, patience);
    auto *cards = await<QAbstractItemView>(u"catalog.cardsView"_s);
    QVERIFY(cards);
    QVERIFY(chooseItem(*cards, u"line-stats"_s));
    auto *name = await<QLabel>(u"catalog.skillName"_s);
    QTRY_COMPARE_WITH_TIMEOUT(name->text(), u"line-stats"_s, patience);
}

QString DesktopFlow::published()
{
    std::optional<QString> answer;
    m_fixture->session().remotes().ask(
        this, u"team"_s,
        [](RemoteServer &server) -> Result<QString> {
            const auto skills = server.registry.list({});
            if (!skills)
                return fail(skills.error());
            QStringList names;
            for (const auto &skill : *skills)
                names.append(skill.name);
            return names.join(u' ');
        },
        [&](const Result<QString> &names) { answer = names.value_or(QString()); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, patience))
        return {};
    return answer.value_or(QString());
}

void DesktopFlow::itIsPublishedToTheTeam()
{
    QVERIFY(palette(u"add a server"_s));
    auto *name = await<QLineEdit>(u"server.name"_s);
    QVERIFY(name);
    QWidget *dialog = name->window();
    QTest::keyClicks(name, u"team"_s);
    QTest::keyClicks(dialog->findChild<QLineEdit *>(u"server.address"_s), m_team.address());
    QTest::keyClicks(dialog->findChild<QLineEdit *>(u"server.key"_s), m_team.key());
    QVERIFY(click(u"server.check"_s));
    auto *outcome = dialog->findChild<QLabel *>(u"server.outcome"_s);
    QTRY_VERIFY_WITH_TIMEOUT(outcome->text().contains(u"answers"_s), patience);
    shot(u"14-team-server"_s);
    QVERIFY(click(u"server.save"_s));
    QTRY_VERIFY_WITH_TIMEOUT(m_fixture->session().remotes().find(u"team"_s), patience);

    // A button's menu has an event loop of its own: what is done in it comes before.
    auto *publish = await<QPushButton>(u"catalog.publish"_s);
    QVERIFY(publish);
    QTRY_VERIFY_WITH_TIMEOUT(publish->isEnabled(), patience);
    QTimer::singleShot(0, this, [this] {
        auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
        if (!menu)
            return;
        shot(u"15-publish"_s);
        chooseAction(menu, u"team"_s);
    });
    QTest::mouseClick(publish, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(
        published().contains(u"line-stats"_s), patience);
    QVERIFY(await<QToolButton>(u"toast.close"_s)); // its message
    shot(u"16-published"_s, Messages::Shown);
}

void DesktopFlow::twoRunsAreCompared()
{
    m_fixture->window().showPage(u"runs"_s);
    auto *history = await<QAbstractItemView>(u"runs.history"_s);
    QVERIFY(history);
    const int before = history->model()->rowCount();
    QVERIFY(runWith(secondText));
    QTRY_VERIFY_WITH_TIMEOUT(history->model()->rowCount() > before, patience);
    QTRY_VERIFY_WITH_TIMEOUT(ended(2), patience);
    // Until the page knows it as well.
    auto *tree = m_fixture->widget<QAbstractItemView>(u"runs.output.tree"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!find<QAbstractButton>(u"runs.cancel"_s)
                                 && tree->model()->rowCount() > 0,
                             patience);
    QVERIFY(press(Qt::Key_D, Qt::ControlModifier));
    QVERIFY(await<QTabWidget>(u"runs.diff.tabs"_s));
    shot(u"17-compare"_s);
    QVERIFY(click(u"runs.diff.close"_s));
}

void DesktopFlow::anAgentIsSeen()
{
    if (QStandardPaths::findExecutable(u"curl"_s).isEmpty())
        QSKIP("curl is not installed");
    LocalServerHost &server = m_fixture->session().server();
    QTRY_COMPARE_WITH_TIMEOUT(server.state(), LocalServerHost::State::On, patience);
    QProcess agent;
    agent.start(u"curl"_s,
                {u"-sS"_s, u"-A"_s, u"my-agent/1.0"_s, u"-H"_s,
                 u"Authorization: Bearer "_s + server.key(), u"-d"_s,
                 u"{\"skill\":\"word-counter\",\"input\":{\"text\":\"a b a\"}}"_s,
                 server.address() + u"/v1/executions"_s, u"-H"_s,
                 u"Content-Type: application/json"_s});
    m_fixture->window().showPage(u"server"_s);
    auto *requests = await<QAbstractItemView>(u"server.requests"_s);
    QVERIFY(requests);
    QTRY_COMPARE_WITH_TIMEOUT(requests->model()->rowCount(), 1, patience);
    QVERIFY(requests->model()
                ->index(0, RequestLogModel::Client)
                .data()
                .toString()
                .contains(u"my-agent"_s));
    QTRY_COMPARE_WITH_TIMEOUT(agent.state(), QProcess::NotRunning, patience);
    auto *recipes = await<QTabBar>(u"server.recipes"_s);
    QVERIFY(recipes);
    constexpr int python = 4; // one that names no path of this machine
    QTest::mouseClick(recipes, Qt::LeftButton, {}, recipes->tabRect(python).center());
    QVERIFY(await<QPlainTextEdit>(u"server.recipe"_s)->toPlainText().contains(server.address()));
    shot(u"18-server"_s);
    m_fixture->window().showPage(u"runs"_s);
    auto *history = await<QAbstractItemView>(u"runs.history"_s);
    const auto seen = [&] {
        for (int row = 0; row < history->model()->rowCount(); ++row) {
            if (history->model()->index(row, 0).data(Qt::AccessibleTextRole).toString().contains(
                    u"agent"_s, Qt::CaseInsensitive))
                return true;
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(seen(), patience);
    shot(u"19-history"_s);
}

void DesktopFlow::theRestOfTheWindow()
{
    QVERIFY(press(Qt::Key_K, Qt::ControlModifier));
    auto *field = await<QLineEdit>(u"palette.field"_s);
    QVERIFY(field);
    QTest::keyClicks(field, u"run"_s);
    shot(u"20-palette"_s);
    QTest::keyClick(field, Qt::Key_Escape);
    m_fixture->window().showPage(u"settings"_s);
    auto *sections = await<QAbstractItemView>(u"settings.sections"_s);
    QVERIFY(sections && chooseItem(*sections, u"Shortcuts"_s));
    shot(u"21-settings"_s);
    QVERIFY(click(u"status.sandbox"_s));
    QWidget *doctor = await<QWidget>(u"doctor"_s);
    QVERIFY(doctor);
    QTRY_VERIFY_WITH_TIMEOUT(doctor->findChildren<QLabel *>().size() > 20, patience);
    shot(u"22-sandbox"_s);
    QTest::keyClick(doctor, Qt::Key_Escape);
    QVERIFY(m_fixture->window().close());
}

QTEST_MAIN(DesktopFlow)
#include "test_desktop_flow.moc"
