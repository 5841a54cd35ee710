#pragma once

#include <QObject>
#include <QTimer>

namespace skillbox {

/// Lets the text cursor stand still when nobody has typed or clicked for a while: its blinking is
/// all that would keep an idle window from sleeping. GUI thread; one for the application.
class CursorRest : public QObject
{
    Q_OBJECT

public:
    explicit CursorRest(QObject *parent = nullptr);
    ~CursorRest() override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void wake();

    const int m_usual; ///< milliseconds of a whole blink, as the system wants it
    QTimer m_quiet;
};

} // namespace skillbox
