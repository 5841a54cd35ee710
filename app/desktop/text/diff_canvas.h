#pragma once

#include "app/desktop/text/cell_line.h"
#include "app/desktop/text/diff_rows.h"
#include "app/desktop/theme/theme.h"
#include "app/desktop/widgets/spoken_line.h"

#include <QAbstractScrollArea>

#include <memory>

namespace skillbox {

/// Draws compared texts, beside each other or one below the other; only what is in sight. Lines can
/// be selected on one side and copied. GUI thread.
class DiffCanvas : public QAbstractScrollArea, public SpokenLine
{
    Q_OBJECT

public:
    enum class Arrangement { SideBySide, Unified };

    explicit DiffCanvas(QWidget *parent = nullptr);
    void setRows(std::shared_ptr<const DiffRows> diff);
    void setArrangement(Arrangement arrangement);
    Arrangement arrangement() const { return m_arrangement; }
    void applyTheme(const Theme &theme);

    /// The difference that was gone to last; -1: none.
    int currentBlock() const { return m_block; }
    void goToBlock(int block);
    QString selectedText() const;
    /// Both sides of the chosen line or, without one, of the first in sight.
    QString spokenLine() const override;

Q_SIGNALS:
    void currentBlockChanged(int block);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    enum class Side { Left, Right };
    /// One line on the screen.
    struct Shown {
        int row = 0;
        bool left = true;
        bool right = true;
    };
    void arrange();
    void measure();
    int shownAt(const QPoint &at) const;
    Side sideAt(const QPoint &at) const;
    int firstShownOf(int row) const;
    int visibleLines() const;
    void drawSide(QPainter &painter, const Shown &shown, Side side, const QRectF &area);
    void drawUnified(QPainter &painter, const Shown &shown, const QRectF &area);
    void drawText(QPainter &painter, const QString &text, const std::vector<DiffSpan> &spans,
                  const QColor &mark, const QRectF &area);
    qreal gutterWidth() const;
    bool isSelected(int shown, Side side) const;

    std::shared_ptr<const DiffRows> m_diff;
    std::vector<Shown> m_shown;
    Arrangement m_arrangement = Arrangement::SideBySide;
    Theme m_theme;
    CellSize m_cell;
    int m_widest = 0; ///< columns
    int m_block = -1;
    int m_anchor = -1; ///< of the selection, in m_shown; -1: none
    int m_cursor = -1;
    Side m_selectedSide = Side::Left;
};

} // namespace skillbox
