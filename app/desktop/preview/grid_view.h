#pragma once

#include "app/desktop/theme/theme.h"
#include "app/desktop/widgets/spoken_line.h"

#include <QAbstractScrollArea>
#include <QHeaderView>
#include <QPointer>

namespace skillbox {

/// A table to read, of any number of rows. QTableView keeps some bytes for each row, seen or not:
/// 80 MB for ten million; this keeps none. A rectangle of cells can be chosen by mouse and keyboard
/// and copied. GUI thread.
class GridView : public QAbstractScrollArea, public SpokenLine
{
    Q_OBJECT

public:
    explicit GridView(QWidget *parent = nullptr);
    /// Stays the caller's.
    void setModel(QAbstractItemModel *model);
    void applyTheme(const Theme &theme);

    QHeaderView *header() const { return m_header; }
    /// Widths by what the first rows have.
    void fitColumns();
    void setCurrent(int row, int column);
    int currentRow() const { return m_row; }
    int currentColumn() const { return m_column; }
    /// The chosen cells, separated by tabs and line ends; the first `mostCopied` of them.
    QString selectedText() const;
    void copy() const;
    int firstRow() const;
    int rowsShown() const;

    /// The current cell, with its row and column.
    QString spokenLine() const override;

    static constexpr int mostCopied = 200'000;

Q_SIGNALS:
    void currentChanged(int row, int column);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    bool viewportEvent(QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void updateGeometries();
    void moveTo(int row, int column, bool extend);
    int rowHeight() const { return m_rowHeight; }
    int gutterWidth() const;
    QPoint cellAt(const QPoint &place) const;
    QRect selection() const;

    QPointer<QAbstractItemModel> m_model;
    QHeaderView *m_header;
    int m_row = 0;
    int m_column = 0;
    int m_anchorRow = 0;
    int m_anchorColumn = 0;
    int m_rowHeight = 24;
    Theme m_theme;
};

} // namespace skillbox
