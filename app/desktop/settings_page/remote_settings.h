#pragma once

#include "app/desktop/session/remote_servers.h"
#include "app/desktop/shell/page.h"

#include <QLabel>
#include <QMap>
#include <QPushButton>
#include <QTreeWidget>

namespace skillbox {

/// The team servers that have a name here: what they are, whether they answer, adding and removing.
class RemoteSettings : public QWidget
{
    Q_OBJECT

public:
    explicit RemoteSettings(const Desk &desk, QWidget *parent = nullptr);

private:
    void showServers();
    void showChosen();
    void check();
    void signInOrOut();
    void remove();
    QString chosenName() const;

    Desk m_desk;
    QTreeWidget *m_list;
    QLabel *m_note;
    QPushButton *m_add;
    QPushButton *m_change;
    QPushButton *m_check;
    QPushButton *m_sign; ///< in, or out
    QPushButton *m_remove;
    QMap<QString, QString> m_states; ///< by name: what the last check said
};

} // namespace skillbox
