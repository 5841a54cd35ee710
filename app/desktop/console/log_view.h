#pragma once

#include "app/desktop/console/log_buffer.h"
#include "app/desktop/console/log_search.h"
#include "app/desktop/text/cell_line.h"
#include "app/desktop/theme/theme.h"
#include "app/desktop/widgets/spoken_line.h"

#include <QAbstractScrollArea>

#include <compare>

namespace skillbox {

/// A log of any length, drawn as far as it is in sight: colours of the program that wrote it, which
/// stream a line came on, times, matches of a search, a selection that can be copied. Follows the
/// end until one scrolls away from it. GUI thread.
class LogView : public QAbstractScrollArea, public SpokenLine
{
    Q_OBJECT

public:
    explicit LogView(QWidget *parent = nullptr);

    void append(LogStreamKind stream, QByteArrayView utf8, qint64 at = LogBuffer::unknownTime);
    void clear();
    const LogBuffer &buffer() const { return m_buffer; }
    LogSearch &search() { return m_search; }

    void setWrapping(bool wrapping);
    bool isWrapping() const { return m_wrapping; }
    void setTimesShown(bool shown);
    bool areTimesShown() const { return m_times; }
    /// Whether the end stays in sight.
    void setFollowing(bool following);
    bool isFollowing() const { return m_following; }
    /// Selects it and brings it into sight.
    void showMatch(int match);
    int currentMatch() const { return m_match; }

    bool hasSelection() const;
    /// At most `mostCopied` units.
    QString selectedText() const;
    void selectAll();
    void copy() const;
    /// The line of the match that was gone to, else the first one in sight, or the last one while
    /// the end is followed.
    QString spokenLine() const override;
    void applyTheme(const Theme &theme);

    static constexpr qsizetype mostCopied = 64 << 20;

Q_SIGNALS:
    void followingChanged(bool following);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    struct Place {
        int line = 0;
        qsizetype unit = 0;
        friend auto operator<=>(const Place &a, const Place &b) = default;
    };
    /// A row on the screen: the `part`th of a wrapped line.
    struct Row {
        int line = 0;
        int part = 0;
    };
    static constexpr int logMargin = 8;
    static constexpr int streamMarkWidth = 3;
    static constexpr int timeColumns = 13; // "12:34:56.789 "

    int rowsOf(int line) const;
    qint64 rowCount() const;
    qint64 firstRowOf(int line) const;
    Row rowAt(qint64 row) const;
    void countRows(int fromLine);
    void measure();
    int columnsInSight() const;
    int rowsInSight() const;
    qreal textLeft() const;
    Place placeAt(const QPoint &at) const;
    void showPlace(const Place &place);
    void dragTo(const QPoint &at);
    void drawRow(QPainter &painter, const Row &row, qreal top);
    struct RowPlace;
    void drawGrounds(QPainter &painter, const RowPlace &place, const std::vector<LookSpan> &looks);
    void drawText(QPainter &painter, const RowPlace &place, const std::vector<LookSpan> &looks);
    QColor colorOf(quint32 color, bool foreground) const;

    LogBuffer m_buffer;
    LogSearch m_search;
    Theme m_theme;
    CellSize m_cell;
    /// Rows up to and without each block of lines; empty without wrapping: a line is a row.
    std::vector<qint64> m_rowsBefore;
    int m_counted = 0;     ///< lines in m_rowsBefore and m_lastRows
    qint64 m_lastRows = 0; ///< of the block that is not complete
    bool m_wrapping = false;
    bool m_times = false;
    bool m_following = true;
    bool m_adjusting = false; ///< the scroll bar moves by our own doing
    Place m_anchor;           ///< of the selection; the same as m_cursor: none
    Place m_cursor;
    int m_match = -1;
    int m_dragTimer = 0;
    QPoint m_dragAt;
};

} // namespace skillbox
