#pragma once

#include <QWidget>

namespace skillbox {

class CodeView;

/// The strip at the left of a CodeView: marks, line numbers, folding.
class CodeGutter : public QWidget
{
    Q_OBJECT

public:
    explicit CodeGutter(CodeView &view);
    int neededWidth() const;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    int lineAt(int y) const;

    CodeView &m_view;
};

} // namespace skillbox
