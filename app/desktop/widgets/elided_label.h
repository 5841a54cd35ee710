#pragma once

#include <QLabel>

namespace skillbox {

/// One line of plain text that ends in dots where there is no room for all of it; text() stays
/// whole.
class ElidedLabel : public QLabel
{
    Q_OBJECT

public:
    explicit ElidedLabel(const QString &text = {}, QWidget *parent = nullptr);
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace skillbox
