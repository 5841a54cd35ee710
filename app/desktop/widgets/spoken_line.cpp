#include "app/desktop/widgets/spoken_line.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QWidget>

#include <algorithm>
#include <mutex>

namespace skillbox {
namespace {

/// Longer lines are read to nobody's profit.
constexpr qsizetype longestSpoken = 2000;

QString shortened(const SpokenLine &line)
{
    return line.spokenLine().left(longestSpoken);
}

/// Text to read, of one line. AT-SPI's clients take a line's beginning, end and characters from it.
class SpokenLineAccess final : public QAccessibleWidget, public QAccessibleTextInterface
{
public:
    SpokenLineAccess(QWidget *view, const SpokenLine &line)
        : QAccessibleWidget(view, QAccessible::Document)
        , m_line(line)
    {
    }

    void *interface_cast(QAccessible::InterfaceType type) override
    {
        if (type == QAccessible::TextInterface)
            return static_cast<QAccessibleTextInterface *>(this);
        return QAccessibleWidget::interface_cast(type);
    }
    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.readOnly = true;
        return state;
    }
    QString text(QAccessible::Text kind) const override
    {
        return kind == QAccessible::Value ? shortened(m_line) : QAccessibleWidget::text(kind);
    }

    QString text(int start, int end) const override
    {
        const QString line = shortened(m_line);
        const qsizetype from = std::clamp<qsizetype>(start, 0, line.size());
        const qsizetype to = end < 0 ? line.size() : std::clamp<qsizetype>(end, from, line.size());
        return line.sliced(from, to - from);
    }
    int characterCount() const override { return static_cast<int>(shortened(m_line).size()); }
    QString attributes(int, int *start, int *end) const override
    {
        *start = 0;
        *end = characterCount();
        return {};
    }
    QRect characterRect(int) const override { return rect(); }
    int offsetAtPoint(const QPoint &) const override { return 0; }
    void scrollToSubstring(int, int) override { } // it is in sight
    int cursorPosition() const override { return 0; }
    void setCursorPosition(int) override { }
    void selection(int, int *start, int *end) const override { *start = *end = 0; }
    int selectionCount() const override { return 0; }
    void addSelection(int, int) override { }
    void removeSelection(int) override { }
    void setSelection(int, int, int) override { }

private:
    const SpokenLine &m_line;
};

QAccessibleInterface *makeAccess(const QString &, QObject *object)
{
    auto *view = qobject_cast<QWidget *>(object);
    const auto *line = dynamic_cast<SpokenLine *>(object);
    return view && line ? new SpokenLineAccess(view, *line) : nullptr;
}

} // namespace

SpokenLine::SpokenLine()
{
    static std::once_flag once; // Qt keeps one list of such functions for the whole program
    std::call_once(once, [] { QAccessible::installFactory(makeAccess); });
}

void SpokenLine::speak(QWidget *view)
{
    if (!QAccessible::isActive())
        return;
    const QString now = shortened(*this);
    if (now == m_spoken)
        return;
    QAccessibleTextUpdateEvent update(view, 0, m_spoken, now);
    QAccessible::updateAccessibility(&update);
    QAccessibleTextCursorEvent cursor(view, 0);
    QAccessible::updateAccessibility(&cursor);
    m_spoken = now;
}

} // namespace skillbox
