#pragma once

#include "app/desktop/preview/random_file.h"
#include "app/desktop/theme/theme.h"
#include "app/desktop/widgets/spoken_line.h"

#include <QAbstractScrollArea>

namespace skillbox {

/// Bytes in rows of sixteen, of a file of any size: only what is seen is read. GUI thread.
class HexView : public QAbstractScrollArea, public SpokenLine
{
    Q_OBJECT

public:
    explicit HexView(QWidget *parent = nullptr);
    void setFile(const SharedFile &file);
    void applyTheme(const Theme &theme);

    qint64 position() const { return m_cursor; }
    /// Moves the cursor there and shows it.
    void setPosition(qint64 offset);
    /// From anchor to cursor, both included.
    qint64 selectionStart() const { return qMin(m_anchor, m_cursor); }
    qint64 selectionLength() const;
    void select(qint64 offset, qint64 length);
    /// The chosen bytes as hex digits, the first `mostCopied` of them.
    QString selectedHex() const;

    /// The byte at the cursor and those of its row.
    QString spokenLine() const override;

    static constexpr int perRow = 16;
    static constexpr qint64 mostCopied = 1 << 20;

Q_SIGNALS:
    void positionChanged(qint64 offset);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void measure();
    void updateBar();
    qint64 rows() const;
    int rowsShown() const;
    qint64 firstRow() const;
    void moveTo(qint64 offset, bool extend);
    qint64 offsetAt(const QPoint &place) const;
    int hexX(int column) const;
    int textX(int column) const;

    SharedFile m_file;
    qint64 m_cursor = 0;
    qint64 m_anchor = 0;
    int m_charWidth = 8;
    int m_rowHeight = 18;
    int m_offsetDigits = 8;
    Theme m_theme;
};

} // namespace skillbox
