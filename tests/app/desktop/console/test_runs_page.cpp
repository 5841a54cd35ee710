#include "app/desktop/console/history_panel.h"
#include "app/desktop/console/log_panel.h"
#include "app/desktop/console/log_view.h"
#include "app/desktop/console/run_view.h"
#include "app/desktop/console/runs_page.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/local_user.h"
#include "tests/support/desktop_fixture.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QInputDialog>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableWidget>
#include <QToolButton>
#include <QTreeWidget>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patience = 20'000;

const auto echoSchema = R"({"type":"object","required":["text"],"properties":{
    "text":{"type":"string","maxLength":40},"times":{"type":"integer","minimum":1,"default":1}}})"_ba;

/// Repeats a text: as output, in its log and in a file.
test::SkillFolder echo()
{
    test::SkillFolder folder;
    folder.name = u"echo"_s;
    folder.description = u"Repeats a text. Use when a text must be said again."_s;
    folder.script = R"(import json, os, sys
given = json.loads(os.environ["SANDBOX_INPUT"])
said = given["text"] * given.get("times", 1)
print("\033[32msaying\033[0m", said)
print("warned", file=sys.stderr)
json.dump({"said": said, "level": os.environ.get("LEVEL")}, open(os.environ["SANDBOX_OUTPUT"], "w"))
open(os.environ["SANDBOX_FILES_DIR"] + "said.txt", "w").write("header\n" + said + "\n")
if given["text"] == "fail":
    sys.exit(3)
)";
    folder.files = {{u"schemas/input.json"_s, echoSchema},
                    {u"tests/greeting.json"_s,
                     R"({"name":"a greeting","input":{"text":"hello","times":2},)"
                     R"("expect":{"status":"success"}})"}};
    return folder;
}

} // namespace

class RunsPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void showsThatThereAreNoRuns();
    void showsThatTheStoreIsGone();
    void runsFromTheForm();
    void showsWhatARunUsesWhileItLasts();
    void saysWhatIsWrongWithAnInput();
    void endsARunThatTakesTooLong();
    void showsRunsOfAgentsAsTheyCome();
    void comparesTwoRuns();
    void keepsInputsAndPins();
    void fitsASmallWindow();
    void repeatsARun();
    void runsAFolderForAnotherPage();
    void saysThatASkillIsGone();
    void copiesARequest();
    void pagesThroughManyRuns();

private:
    template<typename T>
    T *find(const QString &name)
    {
        T *found = page()->findChild<T *>(name);
        if (!found)
            qWarning("there is no \"%s\"", qUtf8Printable(name));
        return found;
    }
    RunsPage *page() { return m_fixture->window().findChild<RunsPage *>(); }
    QAbstractItemModel &history() { return *find<QListView>(u"runs.history"_s)->model(); }
    QString status() { return find<QLabel>(u"runs.status"_s)->text(); }
    /// Shortcuts need an active window, and no window manager gives it back after a popup here.
    bool activate()
    {
        m_fixture->window().activateWindow();
        return QTest::qWaitForWindowActive(&m_fixture->window(), patience);
    }
    /// Publishes the skill and waits until the page offers it with its form.
    bool openWithEcho()
    {
        if (!m_fixture->start() || !m_fixture->publish(echo()).isEmpty())
            return false;
        m_fixture->window().showPage(u"runs"_s);
        auto *skill = find<QComboBox>(u"runs.skill"_s);
        skill->lineEdit()->selectAll();
        QTest::keyClicks(skill->lineEdit(), u"echo"_s);
        QTest::keyClick(skill->lineEdit(), Qt::Key_Return);
        if (QWidget *suggestions = QApplication::activePopupWidget())
            suggestions->close(); // the keys of a test pass it by
        if (!activate())
            return false;
        return QTest::qWaitFor([&] { return find<QComboBox>(u"runs.version"_s)->count() == 2; },
                               patience)
            && QTest::qWaitFor([&] { return page()->findChild<QLineEdit *>(u"form.value.text"_s); },
                               patience);
    }
    void typeText(const QString &text)
    {
        auto *field = find<QLineEdit>(u"form.value.text"_s);
        field->selectAll();
        QTest::keyClicks(field, text);
    }
    bool waitForEnd(const QString &title)
    {
        const bool ended = QTest::qWaitFor([&] { return status() == title; }, patience);
        if (!ended) {
            for (const QLabel *label : page()->findChild<RunView *>()->findChildren<QLabel *>()) {
                if (label->isVisible() && !label->text().isEmpty())
                    qWarning("it shows: %s", qUtf8Printable(label->text()));
            }
        }
        return ended
            && QTest::qWaitFor([&] { return find<QPushButton>(u"runs.cancel"_s)->isHidden(); },
                               patience);
    }
    bool runText(const QString &text)
    {
        typeText(text);
        const int before = history().rowCount();
        QTest::mouseClick(find<QPushButton>(u"runs.run"_s), Qt::LeftButton);
        return QTest::qWaitFor([&] { return history().rowCount() == before + 1; }, patience)
            && waitForEnd(u"Success"_s);
    }
    /// As somebody else would: not through the page.
    Result<ExecutionId> submit(const QString &caller, const QByteArray &input)
    {
        std::optional<Result<ExecutionId>> answer;
        m_fixture->session().engine().ask(
            page(),
            [caller, input](Engine &engine) {
                ExecutionRequest request;
                request.tenant = localTenant();
                request.origin.actor = caller;
                request.skill = u"echo"_s;
                request.input = JsonText::parse(input).value();
                return engine.executions().submit(request);
            },
            [&](Result<ExecutionId> id) { answer = std::move(id); });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, patience))
            return fail(ErrorCode::Internal, u"no answer"_s);
        return *answer;
    }

    std::unique_ptr<test::DesktopFixture> m_fixture;
};

void RunsPageTest::init()
{
    m_fixture = std::make_unique<test::DesktopFixture>();
}

void RunsPageTest::cleanup()
{
    m_fixture.reset();
}

void RunsPageTest::showsThatThereAreNoRuns()
{
    QVERIFY(m_fixture->start());
    m_fixture->window().showPage(u"runs"_s);
    auto *state = qobject_cast<StateView *>(find<QListView>(u"runs.history"_s)->parentWidget());
    QVERIFY(state);
    const auto shows = [&](const QString &text) {
        for (const QLabel *label : state->currentWidget()->findChildren<QLabel *>()) {
            if (label->text() == text)
                return true;
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(shows(u"No runs yet"_s), patience);
}

void RunsPageTest::showsThatTheStoreIsGone()
{
    QVERIFY(QDir().mkpath(m_fixture->path(u"data"_s)));
    QFile file(m_fixture->path(u"data/skillbox.db"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray("this is no database ").repeated(100));
    file.close();
    QVERIFY(!m_fixture->start());
    m_fixture->window().showPage(u"runs"_s);
    auto *state = qobject_cast<StateView *>(find<QListView>(u"runs.history"_s)->parentWidget());
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            for (const QLabel *label : state->currentWidget()->findChildren<QLabel *>()) {
                if (label->text() == u"The store cannot be opened")
                    return true;
            }
            return false;
        }(),
        patience);
}

void RunsPageTest::runsFromTheForm()
{
    QVERIFY(openWithEcho());
    auto *tabs = find<QTabWidget>(u"runs.request.tabs"_s);
    tabs->setCurrentIndex(1);
    QTest::mouseClick(find<QPushButton>(u"runs.environment.add"_s), Qt::LeftButton);
    auto *variables = find<QTableWidget>(u"runs.environment"_s);
    variables->item(0, 0)->setText(u"LEVEL"_s);
    variables->item(0, 1)->setText(u"7"_s);
    tabs->setCurrentIndex(0);
    auto *times = find<QLineEdit>(u"form.value.times"_s);
    QTest::keyClick(times, Qt::Key_Up);
    QTest::keyClick(times, Qt::Key_Up);
    typeText(u"abc"_s);
    QVERIFY(activate());
    QTest::keyClick(find<QLineEdit>(u"form.value.text"_s), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(waitForEnd(u"Success"_s));

    auto *tree = find<QTreeView>(u"runs.output.tree"_s);
    QTRY_COMPARE_WITH_TIMEOUT(tree->model()->rowCount(), 2, patience);
    QCOMPARE(tree->model()->index(0, 1).data().toString(), u"\"abcabc\""_s);
    QCOMPARE(tree->model()->index(1, 1).data().toString(), u"\"7\""_s);
    const LogBuffer &log = find<LogView>(u"runs.log"_s)->buffer();
    QTRY_COMPARE_WITH_TIMEOUT(log.lineCount(), 2, patience);
    QStringList lines{log.text(0), log.text(1)};
    lines.sort();
    QCOMPARE(lines, QStringList({u"saying abcabc"_s, u"warned"_s}));
    auto *files = find<QTreeWidget>(u"runs.files"_s);
    QCOMPARE(files->topLevelItemCount(), 1);
    QCOMPARE(files->topLevelItem(0)->text(0), u"said.txt"_s);
    QVERIFY(find<QTreeWidget>(u"runs.sandbox"_s)->topLevelItemCount() > 3);
    QVERIFY(find<QTreeWidget>(u"runs.details"_s)->topLevelItemCount() > 5);
    QVERIFY(find<QLabel>(u"runs.gauge.memory"_s)->text().contains(u"of"_s));

    QTRY_COMPARE_WITH_TIMEOUT(history().rowCount(), 1, patience);
    const QModelIndex row = history().index(0, 0);
    QCOMPARE(row.data(HistoryModel::InputRole).toString(), u"{\"text\":\"abc\",\"times\":2}"_s);
    QCOMPARE(row.data(HistoryModel::SourceRole).toInt(), static_cast<int>(RunSource::Person));
    QTRY_COMPARE_WITH_TIMEOUT(history().index(0, 0).data(HistoryModel::StatusRole).toInt(),
                              static_cast<int>(ExecutionStatus::Success), patience);

    // A failed skill is a run like others.
    typeText(u"fail"_s);
    QTest::mouseClick(find<QPushButton>(u"runs.run"_s), Qt::LeftButton);
    QVERIFY(waitForEnd(u"Failed"_s));
    QCOMPARE(find<QLabel>(u"runs.reason"_s)->text(), u"Command exited with code 3"_s);
}

void RunsPageTest::showsWhatARunUsesWhileItLasts()
{
    QVERIFY(m_fixture->start());
    QCOMPARE(m_fixture->publish(
                 {.name = u"filler"_s, .script = "kept = bytearray(40 << 20)\nwhile True: pass\n"}),
             QString());
    RunOrder order;
    order.skill = u"filler"_s;
    Q_EMIT m_fixture->window().desk().navigation.runRequested(order, true);
    const auto number = [this](const QString &gauge) {
        const auto *label = find<QLabel>(gauge);
        return label ? label->text().section(u' ', 0, 0).toDouble() : 0;
    };
    // `44 MiB of 256 MiB`, before its record can say so.
    QTRY_VERIFY_WITH_TIMEOUT(number(u"runs.gauge.memory"_s) >= 40, patience);
    QCOMPARE(find<QLabel>(u"runs.status"_s)->text(), u"Running"_s);
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>(u"runs.gauge.cpu"_s)->text().contains(u'%'), patience);
    QVERIFY(find<QLabel>(u"runs.gauge.memory"_s)->text().contains(u"of 256"_s));
    page()->findChild<RunView *>()->cancel();
    QVERIFY(waitForEnd(u"Cancelled"_s));
}

void RunsPageTest::saysWhatIsWrongWithAnInput()
{
    QVERIFY(openWithEcho());
    auto *problem = find<QLabel>(u"form.problem.text"_s);
    QTRY_COMPARE_WITH_TIMEOUT(problem->text(), u"is required"_s, patience);
    auto *times = find<QLineEdit>(u"form.value.times"_s);
    QTest::keyClicks(times, u"0"_s);
    typeText(u"x"_s);
    auto *timesProblem = find<QLabel>(u"form.problem.times"_s);
    QTRY_VERIFY_WITH_TIMEOUT(timesProblem->text().contains(u'1'), patience);
    QCOMPARE(problem->text(), QString());
    // The engine refuses it, too, and no run comes of it.
    QTest::mouseClick(find<QPushButton>(u"runs.run"_s), Qt::LeftButton);
    auto *view = page()->findChild<RunView *>();
    const auto titles = [&] {
        QStringList texts;
        for (const QLabel *label : view->findChildren<QLabel *>())
            texts.append(label->isVisible() ? label->text() : QString());
        return texts;
    };
    QTRY_VERIFY_WITH_TIMEOUT(titles().contains(u"The input was refused"_s), patience);
    QCOMPARE(history().rowCount(), 0);
    // As JSON: what was typed is there, and what is no JSON is told.
    QTest::mouseClick(find<QToolButton>(u"runs.input.asJson"_s), Qt::LeftButton);
    auto *json = find<QPlainTextEdit>(u"runs.input.json"_s);
    QVERIFY(json->isVisible());
    QVERIFY(json->toPlainText().contains(u"\"times\": 0"_s));
    json->setPlainText(u"{\"text\": \"y\", "_s);
    auto *problems = find<QLabel>(u"runs.input.problems"_s);
    QTRY_VERIFY_WITH_TIMEOUT(problems->isVisible() && problems->text().contains(u"line"_s),
                             patience);
    QTest::mouseClick(find<QToolButton>(u"runs.input.asForm"_s), Qt::LeftButton);
    QVERIFY(json->isVisible()); // it cannot be a form yet
    json->setPlainText(u"{\"text\": \"y\", \"more\": [1.0]}"_s);
    QTest::mouseClick(find<QToolButton>(u"runs.input.asForm"_s), Qt::LeftButton);
    QVERIFY(!json->isVisible());
    QCOMPARE(find<QLineEdit>(u"form.value.text"_s)->text(), u"y"_s);
}

void RunsPageTest::endsARunThatTakesTooLong()
{
    test::SkillFolder folder = echo();
    folder.name = u"sleeper"_s;
    folder.script = "import time\nprint('asleep', flush=True)\ntime.sleep(600)\n";
    folder.files.clear();
    QVERIFY(m_fixture->start());
    QCOMPARE(m_fixture->publish(folder), QString());
    m_fixture->window().showPage(u"runs"_s);
    RunOrder order;
    order.skill = u"sleeper"_s;
    Q_EMIT m_fixture->window().desk().navigation.runRequested(order, true);
    // Its log is there before its end.
    auto *log = find<LogView>(u"runs.log"_s);
    QTRY_VERIFY_WITH_TIMEOUT(log->buffer().lineCount() == 1 && log->isVisible(), patience);
    QTRY_COMPARE_WITH_TIMEOUT(status(), u"Running"_s, patience);
    QVERIFY(find<QPushButton>(u"runs.cancel"_s)->isVisible());
    QVERIFY(activate());
    QTest::keyClick(&m_fixture->window(), Qt::Key_Period, Qt::ControlModifier);
    QVERIFY(waitForEnd(u"Cancelled"_s));
}

void RunsPageTest::showsRunsOfAgentsAsTheyCome()
{
    QVERIFY(openWithEcho());
    QVERIFY(submit(u"an agent's key"_s, R"({"text":"from afar"})").has_value());
    QTRY_COMPARE_WITH_TIMEOUT(history().rowCount(), 1, patience);
    QCOMPARE(history().index(0, 0).data(HistoryModel::SourceRole).toInt(),
             static_cast<int>(RunSource::Agent));
    QTRY_COMPARE_WITH_TIMEOUT(history().index(0, 0).data(HistoryModel::StatusRole).toInt(),
                              static_cast<int>(ExecutionStatus::Success), patience);
    // A click shows it whole.
    auto *list = find<QListView>(u"runs.history"_s);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                      list->visualRect(history().index(0, 0)).center());
    QVERIFY(waitForEnd(u"Success"_s));
    const LogBuffer &log = find<LogView>(u"runs.log"_s)->buffer();
    QTRY_VERIFY_WITH_TIMEOUT(log.lineCount() == 2, patience);
    // Filters leave it in or out.
    auto *source = find<QComboBox>(u"runs.history.source"_s);
    source->setCurrentIndex(1);
    QCOMPARE(history().rowCount(), 0);
    source->setCurrentIndex(2);
    QCOMPARE(history().rowCount(), 1);
    QTest::keyClicks(find<QLineEdit>(u"runs.history.filter"_s), u"nothing like it"_s);
    QCOMPARE(history().rowCount(), 0);
}

void RunsPageTest::comparesTwoRuns()
{
    QVERIFY(openWithEcho());
    QVERIFY(runText(u"one"_s));
    QVERIFY(runText(u"two"_s));
    QTest::mouseClick(find<QToolButton>(u"runs.compare"_s), Qt::LeftButton);
    auto *place = [&] {
        return find<QWidget>(u"runs.diff.output"_s)->findChild<QLabel *>(u"diff.place"_s);
    }();
    QTRY_COMPARE_WITH_TIMEOUT(place->text(), u"Difference 1 of 1"_s, patience);
    QVERIFY(place->isVisible());
    auto *tabs = find<QTabWidget>(u"runs.diff.tabs"_s);
    tabs->setCurrentIndex(2);
    auto *files = find<QTreeWidget>(u"runs.diff.files"_s);
    QCOMPARE(files->topLevelItemCount(), 1);
    QCOMPARE(files->topLevelItem(0)->text(1), u"changed"_s);
    auto *filePlace = find<QWidget>(u"runs.diff.file"_s)->findChild<QLabel *>(u"diff.place"_s);
    QTRY_COMPARE_WITH_TIMEOUT(filePlace->text(), u"Difference 1 of 1"_s, patience);
    QTest::mouseClick(find<QToolButton>(u"runs.diff.close"_s), Qt::LeftButton);
    QVERIFY(find<QPushButton>(u"runs.run"_s)->isVisible());
    // Two that say the same.
    const ExecutionId newest{history().index(0, 0).data(HistoryModel::IdRole).toString()};
    Q_EMIT m_fixture->window().desk().navigation.compareRequested(newest, newest);
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            for (const QLabel *label :
                 find<QWidget>(u"runs.diff.output"_s)->findChildren<QLabel *>()) {
                if (label->text() == u"No difference")
                    return true;
            }
            return false;
        }(),
        patience);
}

void RunsPageTest::keepsInputsAndPins()
{
    QVERIFY(openWithEcho());
    QVERIFY(runText(u"pinned"_s));
    QTest::mouseClick(find<QToolButton>(u"runs.pin"_s), Qt::LeftButton);
    QVERIFY(history().index(0, 0).data(HistoryModel::PinnedRole).toBool());
    auto *inputs = find<QToolButton>(u"runs.inputs"_s);
    const auto choose = [&](const QString &title) {
        Q_EMIT inputs->menu()->aboutToShow();
        for (QAction *action : inputs->menu()->actions()) {
            if (action->text() == title) {
                action->trigger();
                return true;
            }
        }
        return false;
    };
    find<QLineEdit>(u"form.value.text"_s)->setText(u"kept"_s);
    QVERIFY(choose(u"Save this input …"_s));
    auto *dialog = find<QInputDialog>(u"runs.saveInputDialog"_s);
    QVERIFY(dialog && dialog->isVisible()); // and this goes on meanwhile
    dialog->setTextValue(u" mine & yours "_s);
    find<QLineEdit>(u"form.value.text"_s)->setText(u"another"_s);
    dialog->accept();
    QVERIFY(choose(u"mine && yours"_s));
    QCOMPARE(find<QLineEdit>(u"form.value.text"_s)->text(), u"kept"_s);
    QVERIFY(choose(u"a greeting"_s)); // a test case of the skill
    QCOMPARE(find<QLineEdit>(u"form.value.text"_s)->text(), u"hello"_s);
    // Both are in a file that another session reads.
    EngineThread engine;
    RunShelf other(engine);
    QSignalSpy read(&other, &RunShelf::changed);
    const QString path = m_fixture->path(u"data/desktop/runs.json"_s);
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            QFile file(path);
            return file.open(QIODevice::ReadOnly) && file.readAll().contains("mine & yours");
        }(),
        patience);
    engine.open(m_fixture->session().engine().config());
    QTRY_VERIFY_WITH_TIMEOUT(!read.isEmpty(), patience);
    QCOMPARE(other.inputs(u"echo"_s).size(), 1);
    QCOMPARE(other.pins().size(), 1);
}

void RunsPageTest::fitsASmallWindow()
{
    QVERIFY(openWithEcho());
    QVERIFY(runText(u"small"_s));
    m_fixture->window().resize(1024, 700);
    for (const QString &name : {u"runs.history.show"_s, u"runs.history.source"_s}) {
        const auto *box = find<QComboBox>(name);
        QTRY_VERIFY2_WITH_TIMEOUT(box->width() >= box->sizeHint().width(), qPrintable(name),
                                  patience);
    }
    const auto *filter = find<QLineEdit>(u"runs.history.filter"_s);
    QVERIFY(filter->fontMetrics().horizontalAdvance(filter->placeholderText()) < filter->width());

    auto *log = page()->findChild<LogPanel *>();
    for (QWidget *tab = log; tab; tab = tab->parentWidget()) {
        if (auto *tabs = qobject_cast<QTabWidget *>(tab))
            tabs->setCurrentIndex(tabs->indexOf(log));
    }
    const QList<QWidget *> parts = log->findChildren<QWidget *>(QString(),
                                                                Qt::FindDirectChildrenOnly);
    for (const bool isWide : {false, true}) {
        if (isWide)
            m_fixture->window().resize(1600, 700);
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                for (const QWidget *part : parts) {
                    if (part->width() < part->minimumSizeHint().width())
                        return false;
                    for (const QWidget *other : parts) {
                        if (part < other && part->geometry().intersects(other->geometry()))
                            return false;
                    }
                }
                return true;
            }(),
            patience);
    }
}

void RunsPageTest::repeatsARun()
{
    QVERIFY(openWithEcho());
    QVERIFY(runText(u"again"_s));
    typeText(u"something else"_s);
    QTest::mouseClick(find<QToolButton>(u"runs.again"_s), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(history().rowCount(), 2, patience);
    QVERIFY(waitForEnd(u"Success"_s));
    QCOMPARE(history().index(0, 0).data(HistoryModel::InputRole).toString(),
             u"{\"text\":\"again\"}"_s);
    // Edited first: nothing runs by itself.
    typeText(u"not this"_s);
    QTest::mouseClick(find<QToolButton>(u"runs.edit"_s), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(find<QLineEdit>(u"form.value.text"_s)->text(), u"again"_s, patience);
    QCOMPARE(history().rowCount(), 2);
}

void RunsPageTest::runsAFolderForAnotherPage()
{
    QVERIFY(m_fixture->start());
    test::SkillFolder folder = echo();
    RunOrder order;
    order.directory = folder.write(m_fixture->path(u"drafts"_s));
    order.input = R"({"text":"draft"})";
    order.inputFiles = {order.directory + u"/main.py"_s};
    Q_EMIT m_fixture->window().desk().navigation.runRequested(order, true);
    QCOMPARE(m_fixture->window().currentPage(), u"runs"_s);
    QVERIFY(waitForEnd(u"Success"_s));
    QTRY_COMPARE_WITH_TIMEOUT(history().rowCount(), 1, patience);
    QTRY_VERIFY_WITH_TIMEOUT(page()->findChild<QLineEdit *>(u"form.value.text"_s), patience);
    QCOMPARE(find<QLineEdit>(u"form.value.text"_s)->text(), u"draft"_s);
}

void RunsPageTest::saysThatASkillIsGone()
{
    QVERIFY(m_fixture->start());
    RunOrder order;
    order.skill = u"not-there"_s;
    Q_EMIT m_fixture->window().desk().navigation.runRequested(order, true);
    auto *about = find<QLabel>(u"runs.about"_s);
    QTRY_VERIFY_WITH_TIMEOUT(about->isVisible() && about->text().contains(u"not-there"_s),
                             patience);
    auto *view = page()->findChild<RunView *>();
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            for (const QLabel *label : view->findChildren<QLabel *>()) {
                if (label->isVisible() && label->text() == u"There is no such skill")
                    return true;
            }
            return false;
        }(),
        patience);
}

void RunsPageTest::copiesARequest()
{
    QVERIFY(openWithEcho());
    typeText(u"copied"_s);
    QApplication::clipboard()->clear();
    m_fixture->window().desk().commands.find(u"run.copycurl"_s)->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(QApplication::clipboard()->text().contains(u"\"copied\""_s), patience);
    QVERIFY(QApplication::clipboard()->text().contains(u"/v1/executions"_s));
}

void RunsPageTest::pagesThroughManyRuns()
{
    QVERIFY(m_fixture->start());
    constexpr int runs = 350;
    std::optional<bool> filled;
    m_fixture->session().engine().ask(
        page(),
        [](Engine &engine) -> Result<void> {
            for (int i = 0; i < runs; ++i) {
                ExecutionRecord record;
                record.id = {newUuid()};
                record.tenant = localTenant();
                record.skillName = i == 0 ? u"the-oldest"_s : u"some-skill"_s;
                record.skillVersion = u"1.0.0"_s;
                record.caller = localUserName();
                record.status = ExecutionStatus::Success;
                record.input = *JsonText::parse("{}");
                record.createdAt = QDateTime(QDate(2026, 1, 1), QTime(0, 0), Qt::UTC).addSecs(i);
                if (auto stored = engine.metadata().insertExecution(record); !stored)
                    return stored;
            }
            return {};
        },
        [&](const Result<void> &stored) { filled = stored.has_value(); });
    QTRY_VERIFY_WITH_TIMEOUT(filled.has_value(), patience);
    QVERIFY(*filled);
    m_fixture->window().showPage(u"runs"_s);
    QTRY_VERIFY_WITH_TIMEOUT(history().rowCount() >= 100, patience);
    QVERIFY(history().rowCount() < runs);
    // A filter looks further than what was loaded.
    QTest::keyClicks(find<QLineEdit>(u"runs.history.filter"_s), u"the-oldest"_s);
    QTRY_COMPARE_WITH_TIMEOUT(history().rowCount(), 1, patience);
    find<QLineEdit>(u"runs.history.filter"_s)->clear();
    QTRY_COMPARE_WITH_TIMEOUT(history().rowCount(), runs, patience);
}

QTEST_MAIN(RunsPageTest)
#include "test_runs_page.moc"
