#include "app/desktop/settings_page/settings_page.h"
#include "app/desktop/settings_page/shortcut_model.h"
#include "app/desktop/shell/about_dialog.h"
#include "app/desktop/shell/doctor_dialog.h"
#include "tests/support/desktop_fixture.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QKeySequenceEdit>
#include <QTableView>
#include <QTreeWidget>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patience = 20'000;

/// Relative luminance, WCAG 2.1.
double luminance(const QColor &color)
{
    const auto linear = [](double part) {
        return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double light = qMax(luminance(a), luminance(b));
    const double dark = qMin(luminance(a), luminance(b));
    return (light + 0.05) / (dark + 0.05);
}

} // namespace

class ShellTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void textIsReadableInEveryTheme_data();
    void textIsReadableInEveryTheme();
    void everyRoleOfTheStyleSheetIsFilledIn();
    void theKeyboardReachesEveryPage();
    void thePaletteRunsWhatIsTypedAndPutsItFirstNextTime();
    void thePaletteGivesTheFocusBack();
    void theMenuHasEveryCommand();
    void messagesAreKeptAndCounted();
    void doctorShowsEveryControl();
    void aboutNamesVersions();
    void aThemeIsChosenInTheSettings();
    void theScaleAsksForAnotherStart();
    void aShortcutIsChangedByPressingIt();
    void aConflictIsToldBeforeAnythingChanges();
    void theShortcutModelFollowsTheRegistry();
    void noTwoCommandsShareAShortcut();
    void pagesAreMadeWhenThereIsTime();
    void pagesAreThereForWhatIsPressedAtOnce();
    void theWindowComesBackAsItWas();
    void whatWasArrangedOutlivesACrash();
    void theCursorRestsWhenNobodyTypes();
    void aStoreThatCannotBeOpenedIsToldAndTriedAgain();
    void wrongSettingsAreTold();
    void aFolderThatIsNotThereIsTold();

private:
    std::unique_ptr<test::DesktopFixture> m_fixture; ///< shared by those that leave it as it was
};

void ShellTest::initTestCase()
{
    m_fixture = std::make_unique<test::DesktopFixture>();
    QVERIFY(m_fixture->start());
}

void ShellTest::init()
{
    // What the test before left open, and the focus where dialogs took it.
    for (QDialog *dialog : m_fixture->window().findChildren<QDialog *>())
        delete dialog;
    m_fixture->desktop().settings().setTheme(u"light"_s);
    m_fixture->desktop().settings().setScale(Settings::smallestScale);
    m_fixture->window().desk().notifications.clear();
    m_fixture->window().activateWindow();
    if (auto *search = m_fixture->widget<QLineEdit>(u"shortcuts.search"_s))
        search->clear();
}

void ShellTest::textIsReadableInEveryTheme_data()
{
    QTest::addColumn<QString>("id");
    for (const QString &id : Theme::ids())
        QTest::newRow(qPrintable(id)) << id;
}

void ShellTest::textIsReadableInEveryTheme()
{
    QFETCH(QString, id);
    const auto theme = Theme::load(id);
    QVERIFY2(theme, theme ? "" : qPrintable(theme.error().message));
    using R = ColorRole;
    struct Pair {
        const char *what;
        R text;
        R ground;
    };
    const Pair pairs[] = {
        {"text on window", R::Text, R::Window},
        {"text on surface", R::Text, R::Surface},
        {"text on raised", R::Text, R::Raised},
        {"text on sunken", R::Text, R::Sunken},
        {"text on hover", R::Text, R::Hover},
        {"muted on window", R::Muted, R::Window},
        {"muted on surface", R::Muted, R::Surface},
        {"muted on raised", R::Muted, R::Raised},
        {"muted on sunken", R::Muted, R::Sunken},
        {"on accent", R::OnAccent, R::Accent},
        {"on accent hover", R::OnAccent, R::AccentHover},
        {"on accent pressed", R::OnAccent, R::AccentPressed},
        {"on selection", R::OnSelection, R::Selection},
        {"accent on surface", R::Accent, R::Surface},
        {"accent on raised", R::Accent, R::Raised},
        {"accent on window", R::Accent, R::Window},
        {"success", R::Success, R::SuccessSurface},
        {"warning", R::Warning, R::WarningSurface},
        {"error", R::Error, R::ErrorSurface},
        {"info", R::Info, R::InfoSurface},
        {"success on surface", R::Success, R::Surface},
        {"error on surface", R::Error, R::Surface},
        {"warning on surface", R::Warning, R::Surface},
        {"error on window", R::Error, R::Window},
        {"bar", R::OnBar, R::Bar},
        {"bar, chosen", R::OnBarActive, R::BarActive},
    };
    for (const Pair &pair : pairs) {
        const double found = contrast(theme->color(pair.text), theme->color(pair.ground));
        QVERIFY2(found >= 4.5, qPrintable(u"%1: %2"_s.arg(QLatin1String(pair.what)).arg(found)));
    }
    // What is no text needs 3:1 to be seen.
    for (const R ground : {R::Window, R::Surface}) {
        QVERIFY(contrast(theme->color(R::Focus), theme->color(ground)) >= 3);
        QVERIFY(contrast(theme->color(R::BorderStrong), theme->color(ground)) >= 3);
    }
}

void ShellTest::everyRoleOfTheStyleSheetIsFilledIn()
{
    for (const QString &id : Theme::ids()) {
        const auto theme = Theme::load(id);
        QVERIFY(theme);
        QVERIFY(!theme->styleSheet().isEmpty());
        QVERIFY2(!theme->styleSheet().contains(u'@'), qPrintable(theme->styleSheet()));
    }
}

void ShellTest::theKeyboardReachesEveryPage()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QStringList seen;
    for (int i = 0; i < 9; ++i) {
        QTest::keyClick(&window, static_cast<Qt::Key>(Qt::Key_1 + i), Qt::ControlModifier);
        if (!seen.contains(window.currentPage()))
            seen.append(window.currentPage());
    }
    QVERIFY2(seen.contains(u"catalog"_s) && seen.contains(u"server"_s)
                 && seen.contains(u"settings"_s),
             qPrintable(seen.join(u' ')));
}

void ShellTest::thePaletteRunsWhatIsTypedAndPutsItFirstNextTime()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
    auto *field = fixture.widget<QLineEdit>(u"palette.field"_s);
    QVERIFY(field && field->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(field->hasFocus(), patience);
    const QAbstractItemModelTester tester(&window.palette().model());
    QTest::keyClicks(field, u"dark"_s);
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(window.theme().id(), u"dark"_s, patience);
    QVERIFY(!field->isVisible());

    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
    QVERIFY(field->isVisible());
    QCOMPARE(window.palette().model().index(0, 0).data().toString(), u"Dark"_s);
}

void ShellTest::thePaletteGivesTheFocusBack()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.showPage(u"settings"_s);
    auto *sections = fixture.widget<QListWidget>(u"settings.sections"_s);
    QTRY_VERIFY_WITH_TIMEOUT(sections->hasFocus(), patience);
    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
    auto *field = fixture.widget<QLineEdit>(u"palette.field"_s);
    QTRY_VERIFY_WITH_TIMEOUT(field->hasFocus(), patience);
    QTest::keyClick(field, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(sections->hasFocus(), patience);
}

void ShellTest::theMenuHasEveryCommand()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    QTest::mouseClick(fixture.widget<QToolButton>(u"activityBar.menu"_s), Qt::LeftButton);
    auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
    QVERIFY(menu);
    qsizetype found = 0;
    for (const QAction *group : menu->actions())
        found += group->menu()->actions().size();
    QCOMPARE(found, window.desk().commands.commands().size());
    menu->close();
}

void ShellTest::messagesAreKeptAndCounted()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    auto *bell = fixture.widget<QToolButton>(u"status.notices"_s);
    bool undone = false;
    window.desk().notifications.post({.kind = NoticeKind::Success,
                                      .title = u"Something was deleted"_s,
                                      .text = {},
                                      .actionTitle = u"Undo"_s,
                                      .action = [&] { undone = true; }});
    window.desk().notifications.post(
        {.kind = NoticeKind::Error, .title = u"<b>Something</b> failed"_s, .text = u"Because"_s});
    QCOMPARE(bell->text(), u"2"_s);
    QTest::mouseClick(bell, Qt::LeftButton);
    QVERIFY(window.notices().isVisible());
    QCOMPARE(bell->text(), QString());
    const auto labels = window.notices().findChildren<QLabel *>();
    const auto shown = std::find_if(labels.begin(), labels.end(), [](const QLabel *label) {
        return label->text() == "<b>Something</b> failed"_L1;
    });
    QVERIFY(shown != labels.end());
    QCOMPARE((*shown)->textFormat(), Qt::PlainText);
    QPushButton *undo = nullptr;
    for (QPushButton *button : window.notices().findChildren<QPushButton *>()) {
        if (button->text() == "Undo"_L1)
            undo = button;
    }
    QVERIFY(undo);
    QTest::mouseClick(undo, Qt::LeftButton);
    QVERIFY(undone);
    QVERIFY(!window.notices().isVisible());
    window.desk().commands.find(u"window.messages"_s)->trigger();
    QVERIFY(window.notices().isVisible());
    QTest::keyClick(&window.notices(), Qt::Key_Escape);
    QVERIFY(!window.notices().isVisible());
}

void ShellTest::doctorShowsEveryControl()
{
    test::DesktopFixture &fixture = *m_fixture;
    std::optional<qsizetype> expected;
    fixture.session().probeSandbox(&fixture.window(), [&](const auto &controls) {
        expected = controls ? controls->size() : -1;
    });
    QTRY_VERIFY_WITH_TIMEOUT(expected.has_value(), patience);
    QVERIFY(*expected > 5);
    auto *sandbox = fixture.widget<QToolButton>(u"status.sandbox"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!sandbox->text().contains(u'…'), patience);
    QTest::mouseClick(sandbox, Qt::LeftButton);
    auto *doctor = fixture.widget<DoctorDialog>(u"doctor"_s);
    QVERIFY(doctor);
    const auto rows = [&] {
        const auto frames = doctor->findChildren<QFrame *>();
        return std::count_if(frames.begin(), frames.end(), [](const QFrame *frame) {
            return frame->property("surface").toString() == "row"_L1;
        });
    };
    QTRY_COMPARE_WITH_TIMEOUT(rows(), *expected, patience);
}

void ShellTest::aboutNamesVersions()
{
    test::DesktopFixture &fixture = *m_fixture;
    fixture.window().desk().commands.find(u"help.about"_s)->trigger();
    auto *about = fixture.widget<AboutDialog>(u"about"_s);
    QVERIFY(about);
    auto *table = about->findChild<QTreeWidget *>();
    const auto qt = table->findItems(u"Qt"_s, Qt::MatchExactly);
    QCOMPARE(qt.size(), 1);
    QCOMPARE(qt.first()->text(1), QString::fromLatin1(qVersion()));
    for (const Component &component : usedComponents()) {
        QVERIFY2(!component.licence.isEmpty(), qPrintable(component.name));
        QVERIFY2(!component.version.isEmpty(), qPrintable(component.name));
    }
}

void ShellTest::aThemeIsChosenInTheSettings()
{
    test::DesktopFixture &fixture = *m_fixture;
    fixture.window().showPage(u"settings"_s);
    auto *themes = fixture.widget<QComboBox>(u"settings.theme"_s);
    QCOMPARE(fixture.window().theme().id(), u"light"_s);
    themes->setFocus();
    QTest::keyClicks(themes, u"High"_s);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.window().theme().id(), u"high-contrast"_s, patience);
    QCOMPARE(fixture.desktop().settings().theme(), u"high-contrast"_s);
}

void ShellTest::theScaleAsksForAnotherStart()
{
    test::DesktopFixture &fixture = *m_fixture;
    fixture.window().showPage(u"settings"_s);
    auto *restart = fixture.widget<QPushButton>(u"settings.restart"_s);
    QVERIFY(!restart->isVisible());
    fixture.desktop().settings().setScale(150);
    QVERIFY(restart->isVisible());
    QCOMPARE(fixture.widget<QComboBox>(u"settings.scale"_s)->currentData().toInt(), 150);
    fixture.desktop().settings().setScale(1000);
    QCOMPARE(fixture.desktop().settings().scale(), Settings::largestScale);
}

void ShellTest::aShortcutIsChangedByPressingIt()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    window.showPage(u"settings"_s);
    fixture.widget<QListWidget>(u"settings.sections"_s)->setCurrentRow(2);
    auto *search = fixture.widget<QLineEdit>(u"shortcuts.search"_s);
    auto *table = fixture.widget<QTableView>(u"shortcuts.table"_s);
    auto *keys = fixture.widget<QKeySequenceEdit>(u"shortcuts.keys"_s);
    QTest::keyClicks(search, u"About"_s);
    QCOMPARE(table->model()->rowCount(), 1);
    table->selectRow(0);
    QTest::keyClick(keys, Qt::Key_F7, Qt::ControlModifier);
    QAction *about = window.desk().commands.find(u"help.about"_s);
    QCOMPARE(about->shortcut(), QKeySequence(u"Ctrl+F7"_s));
    QCOMPARE(fixture.desktop().settings().shortcuts().value(u"help.about"_s), u"Ctrl+F7"_s);
    QTest::mouseClick(fixture.widget<QPushButton>(u"shortcuts.reset"_s), Qt::LeftButton);
    QVERIFY(about->shortcut().isEmpty());
    QVERIFY(fixture.desktop().settings().shortcuts().isEmpty());
}

void ShellTest::aConflictIsToldBeforeAnythingChanges()
{
    test::DesktopFixture &fixture = *m_fixture;
    MainWindow &window = fixture.window();
    window.showPage(u"settings"_s);
    fixture.widget<QListWidget>(u"settings.sections"_s)->setCurrentRow(2);
    auto *table = fixture.widget<QTableView>(u"shortcuts.table"_s);
    fixture.widget<QLineEdit>(u"shortcuts.search"_s)->setText(u"About"_s);
    table->selectRow(0);
    QTest::keyClick(fixture.widget<QKeySequenceEdit>(u"shortcuts.keys"_s), Qt::Key_K,
                    Qt::ControlModifier);
    QAction *about = window.desk().commands.find(u"help.about"_s);
    QAction *palette = window.desk().commands.find(u"window.palette"_s);
    QVERIFY(about->shortcut().isEmpty());
    auto *conflict = fixture.widget<QLabel>(u"shortcuts.conflict"_s);
    QVERIFY2(conflict->text().contains(palette->text()), qPrintable(conflict->text()));
    auto *takeOver = fixture.widget<QPushButton>(u"shortcuts.takeOver"_s);
    QVERIFY(takeOver->isVisible());
    QTest::mouseClick(takeOver, Qt::LeftButton);
    QCOMPARE(about->shortcut(), QKeySequence(u"Ctrl+K"_s));
    QVERIFY(palette->shortcut().isEmpty());
    QVERIFY(!takeOver->isVisible());
    window.desk().commands.resetShortcut(u"help.about"_s);
    window.desk().commands.resetShortcut(u"window.palette"_s);
    fixture.desktop().settings().resetShortcut(u"help.about"_s);
    fixture.desktop().settings().resetShortcut(u"window.palette"_s);
}

void ShellTest::theShortcutModelFollowsTheRegistry()
{
    CommandRegistry commands;
    commands.add(u"b"_s, u"Group"_s, u"Beta"_s, QKeySequence(u"Ctrl+B"_s), [] {});
    ShortcutModel model(commands);
    const QAbstractItemModelTester tester(&model);
    commands.add(u"a"_s, u"Group"_s, u"Alpha"_s, {}, [] {});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.rowOf(u"a"_s), 0);
    commands.setShortcut(u"a"_s, QKeySequence(u"F6"_s));
    QCOMPARE(model.index(0, ShortcutModel::Keys).data().toString(), u"F6"_s);
    QVERIFY(!model.index(0, ShortcutModel::Origin).data().toString().isEmpty());
    QVERIFY(model.index(1, ShortcutModel::Origin).data().toString().isEmpty());
}

void ShellTest::noTwoCommandsShareAShortcut()
{
    test::DesktopFixture &fixture = *m_fixture;
    const CommandRegistry &commands = fixture.window().desk().commands;
    for (const CommandRegistry::Command &command : commands.commands()) {
        const auto *other = commands.conflict(command.id, command.usual);
        QVERIFY2(!other,
                 qPrintable(u"%1 and %2: %3"_s.arg(command.id, other ? other->id : QString(),
                                                   command.usual.toString())));
    }
}

namespace {

/// A folder for a desktop that is made as main() makes it: its pages come when it is their turn.
struct Home {
    QTemporaryDir folder;
    QString settings = folder.filePath(u"desktop.ini"_s);

    Home()
    {
        Settings(settings).setWelcomed(true);
        Settings(settings).setServerWanted(false);
    }
    std::unique_ptr<Desktop> desktop() const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"SKILLBOX_DATA_DIR"_s, folder.filePath(u"data"_s));
        environment.insert(u"XDG_CONFIG_HOME"_s, folder.filePath(u"config"_s));
        environment.insert(u"XDG_STATE_HOME"_s, folder.filePath(u"state"_s));
        auto made = std::make_unique<Desktop>(environment,
                                              QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY), settings);
        made->start();
        return made;
    }
};

} // namespace

void ShellTest::pagesAreMadeWhenThereIsTime()
{
    const Home home;
    Settings(home.settings).setShortcut(u"run.start"_s, u"Ctrl+F9"_s);
    const auto desktop = home.desktop();
    MainWindow &window = desktop->window();
    QVERIFY(!window.hasAllPages());
    QCOMPARE(window.currentPage(), u"catalog"_s);
    QVERIFY(!window.desk().commands.find(u"run.start"_s));
    QTRY_VERIFY_WITH_TIMEOUT(window.hasAllPages(), patience);
    QCOMPARE(window.currentPage(), u"catalog"_s);
    QCOMPARE(window.desk().commands.find(u"run.start"_s)->shortcut(), QKeySequence(u"Ctrl+F9"_s));
}

void ShellTest::pagesAreThereForWhatIsPressedAtOnce()
{
    const Home home;
    const auto desktop = home.desktop();
    MainWindow &window = desktop->window();
    QVERIFY(!window.hasAllPages());
    QTest::mouseClick(window.findChild<QToolButton *>(u"catalog.showFilters"_s), Qt::LeftButton);
    QVERIFY(window.hasAllPages());
}

void ShellTest::whatWasArrangedOutlivesACrash()
{
    const Home home;
    const auto desktop = home.desktop();
    MainWindow &window = desktop->window();
    window.showPage(u"settings"_s);
    window.resize(1010, 710);
    auto *sections = window.findChild<QListWidget *>(u"settings.sections"_s);
    QTest::mouseClick(sections->viewport(), Qt::LeftButton, {},
                      sections->visualItemRect(sections->item(2)).center());
    QCOMPARE(sections->currentRow(), 2);
    // Nothing is closed: what is in the file is what a crash leaves. Read as a file, because two
    // QSettings of one process share what is not written yet.
    const auto kept = [&] {
        QFile file(home.settings);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    QTRY_VERIFY_WITH_TIMEOUT(kept().contains(R"({\"section\":2})"), patience);
    QVERIFY(kept().contains("page=settings"));
    QVERIFY(kept().contains("geometry="));
}

void ShellTest::theWindowComesBackAsItWas()
{
    const Home home;
    {
        const auto made = home.desktop();
        Desktop &first = *made;
        first.window().resize(1000, 700);
        first.window().showPage(u"settings"_s);
        first.window().findChild<QListWidget *>(u"settings.sections"_s)->setCurrentRow(2);
        QVERIFY(first.window().close());
    }
    const auto made = home.desktop();
    Desktop &second = *made;
    QCOMPARE(second.window().currentPage(), u"settings"_s);
    QCOMPARE(second.window().size(), QSize(1000, 700));
    QCOMPARE(second.window().findChild<QListWidget *>(u"settings.sections"_s)->currentRow(), 2);
}

void ShellTest::theCursorRestsWhenNobodyTypes()
{
    QTest::keyClick(&m_fixture->window(), Qt::Key_Shift);
    const int usual = QApplication::cursorFlashTime();
    QVERIFY(usual > 0);
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::cursorFlashTime(), 0, patience);
    QTest::keyClick(&m_fixture->window(), Qt::Key_Shift);
    QCOMPARE(QApplication::cursorFlashTime(), usual);
}

void ShellTest::aStoreThatCannotBeOpenedIsToldAndTriedAgain()
{
    test::DesktopFixture fixture(test::DesktopFixture::Welcome::Shown);
    test::writeFile(fixture.path(u"data"_s), "a file where the folder should be");
    QVERIFY(!fixture.start());
    MainWindow &window = fixture.window();
    QCOMPARE(fixture.session().engine().state(), EngineThread::State::Failed);
    QVERIFY(fixture.widget<QLabel>(u"status.engine"_s)->text().contains(u"cannot"_s));
    window.showPage(u"welcome"_s);
    QPushButton *again = nullptr;
    for (QPushButton *button :
         window.findChild<QWidget *>(u"welcome"_s)->findChildren<QPushButton *>()) {
        if (button->text() == "Try again"_L1)
            again = button;
    }
    QVERIFY(again && again->isVisible());
    QVERIFY(QFile::remove(fixture.path(u"data"_s)));
    QTest::mouseClick(again, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session().engine().state(), EngineThread::State::Open,
                              patience);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.widget<QPushButton>(u"welcome.add"_s)->isEnabled(), patience);
}

void ShellTest::wrongSettingsAreTold()
{
    const QTemporaryDir folder;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"SKILLBOX_DATA_DIR"_s, folder.filePath(u"data"_s));
    environment.insert(u"SKILLBOX_MAX_TIMEOUT"_s, u"soon"_s);
    Desktop desktop(environment, QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY),
                    folder.filePath(u"desktop.ini"_s));
    desktop.start();
    QCOMPARE(desktop.session().engine().state(), EngineThread::State::Failed);
    QVERIFY(desktop.session().engine().error().message.contains(u"SKILLBOX_MAX_TIMEOUT"_s));
    QVERIFY(!QFile::exists(folder.filePath(u"data"_s)));
}

void ShellTest::aFolderThatIsNotThereIsTold()
{
    test::DesktopFixture &fixture = *m_fixture;
    fixture.desktop().open(fixture.path(u"nowhere"_s));
    const QList<Notice> &history = fixture.window().desk().notifications.history();
    QVERIFY(!history.isEmpty());
    QCOMPARE(history.last().kind, NoticeKind::Error);
    QVERIFY(history.last().text.contains(u"nowhere"_s));
}

QTEST_MAIN(ShellTest)
#include "test_shell.moc"
