#pragma once

#include "app/desktop/shell/notifications.h"

#include <QPointer>
#include <QScrollArea>
#include <QVBoxLayout>

namespace skillbox {

/// What was announced since the start, newest first, over the window's lower right corner. Escape
/// or a click elsewhere closes it.
class NotificationPanel : public QFrame
{
    Q_OBJECT

public:
    NotificationPanel(Notifications &notifications, QWidget *host);
    void open();
    void dismiss();

Q_SIGNALS:
    void opened();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void fill();
    void place();

    Notifications &m_notifications;
    QWidget *m_host;
    QPointer<QWidget> m_before; ///< had the focus
    QPushButton *m_clear;
    QScrollArea *m_scroll;
};

} // namespace skillbox
