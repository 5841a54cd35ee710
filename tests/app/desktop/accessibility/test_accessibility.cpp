#include "app/desktop/console/log_view.h"
#include "app/desktop/editor/editor_page.h"
#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/preview/grid_view.h"
#include "app/desktop/preview/hex_view.h"
#include "app/desktop/text/diff_canvas.h"
#include "tests/support/desktop_fixture.h"

#include <QAbstractScrollArea>
#include <QAccessible>
#include <QDialog>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QTextEdit>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr int patience = 20'000;
/// More than any page has.
constexpr int mostStops = 400;

QString described(const QWidget *widget)
{
    QStringList path;
    for (const QWidget *at = widget; at && !at->isWindow(); at = at->parentWidget()) {
        path.prepend(QLatin1String(at->metaObject()->className())
                     + (at->objectName().isEmpty() ? QString() : u'#' + at->objectName()));
    }
    return path.join(u" > "_s);
}

/// A part of another control, which speaks for it.
bool isInner(const QWidget *widget)
{
    return widget->objectName().startsWith(u"qt_"_s) || widget->focusProxy();
}

QString accessibleName(QWidget *widget)
{
    const QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(widget);
    return interface ? interface->text(QAccessible::Name) : QString();
}

QList<QWidget *> focusable(QWidget *root)
{
    QList<QWidget *> found;
    for (QWidget *widget : root->findChildren<QWidget *>()) {
        if (widget->window() == root->window() && widget->isVisible() && widget->isEnabled()
            && !isInner(widget) && (widget->focusPolicy() & Qt::TabFocus))
            found.append(widget);
    }
    return found;
}

/// What a screen reader could say of a control and cannot: its name, or what kind of thing it is.
QStringList withoutName(QWidget *root)
{
    QStringList nameless;
    for (QWidget *widget : focusable(root)) {
        if (accessibleName(widget).trimmed().isEmpty())
            nameless.append(described(widget));
        // What scrolls only stands for what is in it.
        const QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(widget);
        if (!interface || interface->role() == QAccessible::NoRole
            || (interface->role() == QAccessible::Client && !qobject_cast<QScrollArea *>(widget)))
            nameless.append(described(widget) + u" (no role)"_s);
    }
    return nameless;
}

/// The text that a screen reader gets of a view that paints it.
QString spoken(QWidget &view)
{
    QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(&view);
    QAccessibleTextInterface *text = interface ? interface->textInterface() : nullptr;
    return text ? text->text(0, text->characterCount()) : u"nothing"_s;
}

bool takesTabs(QWidget *widget)
{
    if (const auto *plain = qobject_cast<QPlainTextEdit *>(widget))
        return !plain->isReadOnly() && !plain->tabChangesFocus();
    if (const auto *rich = qobject_cast<QTextEdit *>(widget))
        return !rich->isReadOnly() && !rich->tabChangesFocus();
    return false;
}

/// Every widget that Tab, or F6 out of a text editor, comes to; and where it comes no further.
QSet<QWidget *> walk(QWidget *window, Qt::Key key, QStringList *traps)
{
    QSet<QWidget *> seen;
    for (int i = 0; i < mostStops; ++i) {
        QWidget *at = QApplication::focusWidget();
        if (!at)
            break;
        if (takesTabs(at))
            QTest::keyClick(window, Qt::Key_F6);
        else
            QTest::keyClick(at, key, key == Qt::Key_Backtab ? Qt::ShiftModifier : Qt::NoModifier);
        seen.insert(at);
        if (QApplication::focusWidget() == at) {
            traps->append(described(at));
            break;
        }
    }
    return seen;
}

/// An item view or the like stands for what is in it; a group of radio buttons is one stop.
bool reached(const QSet<QWidget *> &seen, QWidget *widget)
{
    if (seen.contains(widget))
        return true;
    if (const auto *button = qobject_cast<QAbstractButton *>(widget);
        button && button->isCheckable() && (button->group() || button->autoExclusive())) {
        for (QWidget *each : seen) {
            const auto *other = qobject_cast<QAbstractButton *>(each);
            if (other && other->parentWidget() == button->parentWidget()
                && (button->group() ? other->group() == button->group() : other->autoExclusive()))
                return true;
        }
    }
    return false;
}

} // namespace

/// Opens a dialog, now or soon.
using Opener = std::function<void()>;
Q_DECLARE_METATYPE(Opener)

class AccessibilityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void everyControlHasAName_data();
    void everyControlHasAName();
    void theKeyboardReachesEveryControl_data() { everyControlHasAName_data(); }
    void theKeyboardReachesEveryControl();
    void dialogsToo_data();
    void dialogsToo();
    void partsOfTheWindowFollowEachOther();
    void paintedTextCanBeRead();

private:
    void trigger(const QString &page, const QString &command);
    DocumentView *openFile(const QString &name);
    std::unique_ptr<test::DesktopFixture> m_fixture;
};

void AccessibilityTest::initTestCase()
{
    m_fixture = std::make_unique<test::DesktopFixture>();
    QVERIFY(m_fixture->start());
    QCOMPARE(m_fixture->publish({}), QString());
    RunFeed feed;
    RunOrder order;
    order.skill = u"word-counter"_s;
    bool over = false;
    connect(&feed, &RunFeed::finished, this, [&] { over = true; });
    m_fixture->session().runs().start(&m_fixture->window(), order, feed,
                                      [](const Result<ExecutionId> &) {});
    QTRY_VERIFY_WITH_TIMEOUT(over, patience);
    QVERIFY(QTest::qWaitForWindowActive(&m_fixture->window()));
}

/// A dialog that was found wanting must not stand in the way of the next one.
void AccessibilityTest::cleanup()
{
    for (QDialog *dialog : m_fixture->window().findChildren<QDialog *>())
        dialog->reject();
    QTRY_VERIFY_WITH_TIMEOUT(m_fixture->window().findChildren<QDialog *>().isEmpty(), patience);
}

void AccessibilityTest::everyControlHasAName_data()
{
    QTest::addColumn<QString>("page");
    for (const CommandRegistry::Command &command : m_fixture->window().desk().commands.commands()) {
        if (command.id.startsWith(u"page."_s))
            QTest::newRow(qPrintable(command.id)) << command.id.sliced(5);
    }
}

void AccessibilityTest::everyControlHasAName()
{
    QFETCH(QString, page);
    MainWindow &window = m_fixture->window();
    window.showPage(page);
    QCOMPARE(window.currentPage(), page);
    QCoreApplication::processEvents();
    // Sections and tabs that are not in front have controls as well.
    QStringList nameless = withoutName(&window);
    for (QTabBar *tabs : window.findChildren<QTabBar *>()) {
        if (!tabs->isVisible())
            continue;
        for (int i = 0; i < tabs->count(); ++i) {
            tabs->setCurrentIndex(i);
            QCoreApplication::processEvents();
            nameless += withoutName(&window);
        }
    }
    nameless.removeDuplicates();
    QVERIFY2(nameless.isEmpty(), qPrintable(u'\n' + nameless.join(u'\n')));
}

void AccessibilityTest::theKeyboardReachesEveryControl()
{
    QFETCH(QString, page);
    MainWindow &window = m_fixture->window();
    window.showPage(page);
    QCoreApplication::processEvents();
    QVERIFY2(QApplication::focusWidget(), "the page takes no focus when it comes to the front");
    QStringList traps;
    QSet<QWidget *> seen = walk(&window, Qt::Key_Tab, &traps);
    seen += walk(&window, Qt::Key_Backtab, &traps);
    QVERIFY2(traps.isEmpty(), qPrintable(u"no way out by Tab: "_s + traps.join(u'\n')));
    QStringList missed;
    for (QWidget *widget : focusable(&window)) {
        if (!reached(seen, widget))
            missed.append(described(widget));
    }
    QVERIFY2(missed.isEmpty(), qPrintable(u'\n' + missed.join(u'\n')));
}

void AccessibilityTest::trigger(const QString &page, const QString &command)
{
    MainWindow &window = m_fixture->window();
    window.showPage(page);
    QCoreApplication::processEvents();
    QAction *action = window.desk().commands.find(command);
    QVERIFY2(action && action->isEnabled(), qPrintable(command));
    action->trigger();
}

/// Of a skill that has something to mend, checked.
DocumentView *AccessibilityTest::openFile(const QString &name)
{
    test::SkillFolder skill;
    skill.name = u"to-mend"_s;
    skill.header = "tiemout: 5s\n"; // with a fix
    const QString folder = m_fixture->path(u"drafts/to-mend"_s);
    if (!QFile::exists(folder))
        skill.write(m_fixture->path(u"drafts"_s));
    Q_EMIT m_fixture->window().desk().navigation.editRequested(folder, name, 0, 0);
    auto *page = m_fixture->window().findChild<EditorPage *>();
    DocumentView *view = page->files().current();
    const bool isThere = QTest::qWaitFor(
        [&] {
            return view->state() == DocumentView::State::Editable && page->check().report()
                && page->check().isCurrent();
        },
        patience);
    return isThere ? view : nullptr;
}

void AccessibilityTest::dialogsToo_data()
{
    QTest::addColumn<Opener>("open");
    const auto add = [](const char *name, Opener open) { QTest::newRow(name) << std::move(open); };
    const auto addCommand = [this, &add](const char *page, const char *command) {
        add(command, [this, page, command] {
            trigger(QString::fromLatin1(page), QString::fromLatin1(command));
        });
    };
    addCommand("server", "help.doctor");
    addCommand("server", "help.about");
    addCommand("server", "server.makeKey");
    addCommand("catalog", "catalog.addServer");
    addCommand("editor", "editor.newSkill");
    add("delete skills", [this] {
        auto *cards = m_fixture->widget<QAbstractItemView>(u"catalog.cardsView"_s);
        m_fixture->window().showPage(u"catalog"_s);
        QTRY_VERIFY_WITH_TIMEOUT(cards->model()->rowCount() > 0, patience);
        cards->setCurrentIndex(cards->model()->index(0, 0));
        QCoreApplication::processEvents();
        trigger(u"catalog"_s, u"catalog.delete"_s);
    });
    add("go to line", [this] {
        QVERIFY(openFile(u"SKILL.md"_s));
        trigger(u"editor"_s, u"editor.goToLine"_s);
    });
    add("change with preview", [this] {
        QVERIFY(openFile(u"SKILL.md"_s));
        SkillCheck &check = m_fixture->window().findChild<EditorPage *>()->check();
        const QList<Finding> findings = check.report()->findings;
        const auto fixable = std::find_if(findings.begin(), findings.end(), [](const Finding &one) {
            return one.fix && !one.fix->edits.isEmpty();
        });
        QVERIFY(fixable != findings.end());
        check.fix(*fixable);
    });
    add("about a rule", [this] {
        QVERIFY(openFile(u"SKILL.md"_s));
        SkillCheck &check = m_fixture->window().findChild<EditorPage *>()->check();
        QVERIFY(!check.report()->findings.isEmpty());
        check.explain(check.report()->findings.constFirst());
    });
    add("close unsaved", [this] {
        DocumentView *view = openFile(u"main.py"_s);
        QVERIFY(view);
        QTest::keyClicks(&view->editor(), u"#"_s);
        trigger(u"editor"_s, u"editor.close"_s);
    });
}

void AccessibilityTest::dialogsToo()
{
    QFETCH(Opener, open);
    MainWindow &window = m_fixture->window();
    open();
    QVERIFY(!QTest::currentTestFailed());
    QDialog *dialog = nullptr;
    const auto isShown = [&] {
        for (QDialog *each : window.findChildren<QDialog *>()) {
            if (each->isVisible())
                dialog = each;
        }
        return dialog != nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isShown(), patience);
    QVERIFY(dialog);
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    QVERIFY(!dialog->windowTitle().isEmpty());
    const QStringList nameless = withoutName(dialog);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
    QTRY_VERIFY_WITH_TIMEOUT(dialog->focusWidget(), patience);
    QStringList traps;
    const QSet<QWidget *> seen = walk(dialog, Qt::Key_Tab, &traps);
    QVERIFY2(traps.isEmpty(), qPrintable(traps.join(u'\n')));
    for (QWidget *widget : focusable(dialog))
        QVERIFY2(reached(seen, widget), qPrintable(described(widget)));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(window.findChildren<QDialog *>().isEmpty(), patience);
}

void AccessibilityTest::partsOfTheWindowFollowEachOther()
{
    MainWindow &window = m_fixture->window();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.showPage(u"settings"_s);
    auto *bar = m_fixture->widget<QWidget>(u"activityBar"_s);
    auto *line = m_fixture->widget<QWidget>(u"statusLine"_s);
    auto *page = m_fixture->widget<QWidget>(u"settings"_s);
    QList<QWidget *> order;
    for (int i = 0; i < 3; ++i) {
        QTest::keyClick(&window, Qt::Key_F6);
        order.append(QApplication::focusWidget());
    }
    QVERIFY(line->isAncestorOf(order.at(0)));
    QVERIFY(bar->isAncestorOf(order.at(1)));
    QVERIFY(page->isAncestorOf(order.at(2)));
    QTest::keyClick(&window, Qt::Key_F6, Qt::ShiftModifier);
    QVERIFY(bar->isAncestorOf(QApplication::focusWidget()));
}

void AccessibilityTest::paintedTextCanBeRead()
{
    LogView log;
    QCOMPARE(spoken(log), QString());
    log.append(LogStreamKind::Stdout, "first\nsecond\n");
    QVERIFY(spoken(log) == "second"_L1 || spoken(log).isEmpty()); // the end is followed
    QVERIFY(log.search().search(u"first"_s, {}).isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(!log.search().matches().empty(), patience);
    log.showMatch(0);
    QCOMPARE(spoken(log), u"first"_s);

    QStandardItemModel model(2, 2);
    model.setHorizontalHeaderLabels({u"name"_s, u"value"_s});
    model.setItem(1, 1, new QStandardItem(u"cell"_s));
    GridView grid;
    grid.setModel(&model);
    grid.resize(300, 200);
    grid.setCurrent(1, 1);
    QCOMPARE(spoken(grid), u"Row 2, value: cell"_s);

    const QString path = m_fixture->path(u"bytes"_s);
    test::writeFile(path, "0123456789abcdefXY");
    HexView hex;
    const auto file = RandomFile::open(path);
    QVERIFY(file);
    hex.setFile(*file);
    hex.setPosition(17);
    QCOMPARE(spoken(hex), u"Offset 00000011: 59. Row: 58 59"_s);

    DiffCanvas diff;
    diff.setRows(std::make_shared<DiffRows>(compareTexts(u"old\n"_s, u"new\n"_s)));
    QCOMPARE(spoken(diff), u"Left: old. Right: new"_s);
    QCOMPARE(QAccessible::queryAccessibleInterface(&diff)->role(), QAccessible::Document);
}

QTEST_MAIN(AccessibilityTest)
#include "test_accessibility.moc"
