#include "tests/support/desktop_fixture.h"

#include <QAbstractScrollArea>
#include <QAccessible>
#include <QDialog>
#include <QPlainTextEdit>
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

QStringList withoutName(QWidget *root)
{
    QStringList nameless;
    for (QWidget *widget : focusable(root)) {
        if (accessibleName(widget).trimmed().isEmpty())
            nameless.append(described(widget));
    }
    return nameless;
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

class AccessibilityTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyControlHasAName_data();
    void everyControlHasAName();
    void theKeyboardReachesEveryControl_data() { everyControlHasAName_data(); }
    void theKeyboardReachesEveryControl();
    void dialogsToo_data();
    void dialogsToo();
    void partsOfTheWindowFollowEachOther();

private:
    void addPages();
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

void AccessibilityTest::everyControlHasAName_data()
{
    QTest::addColumn<QString>("page");
    for (const CommandRegistry::Command &command :
         m_fixture->window().desk().commands.commands()) {
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

void AccessibilityTest::dialogsToo_data()
{
    QTest::addColumn<QString>("command");
    for (const char *command : {"help.doctor", "help.about", "server.makeKey"})
        QTest::newRow(command) << QString::fromLatin1(command);
}

void AccessibilityTest::dialogsToo()
{
    QFETCH(QString, command);
    MainWindow &window = m_fixture->window();
    window.showPage(u"server"_s);
    window.desk().commands.find(command)->trigger();
    QDialog *dialog = nullptr;
    for (QDialog *each : window.findChildren<QDialog *>()) {
        if (each->isVisible())
            dialog = each;
    }
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

QTEST_MAIN(AccessibilityTest)
#include "test_accessibility.moc"
