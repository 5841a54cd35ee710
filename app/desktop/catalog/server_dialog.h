#pragma once

#include "app/desktop/shell/page.h"
#include "engine/remote/remote_list.h"

#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace skillbox {

/// Adds a named server, or changes one: name, address, key; with a check whether it answers.
class ServerDialog : public QDialog
{
    Q_OBJECT

public:
    /// `known` null: a new one.
    ServerDialog(const Desk &desk, const Remote *known, QWidget *parent = nullptr);

private:
    Remote entered() const;
    void check();
    void save();
    void say(const QString &text, const QString &role);

    Desk m_desk;
    const bool m_isNew;
    QLineEdit *m_name;
    QLineEdit *m_address;
    QLineEdit *m_key;
    QLineEdit *m_tenant;
    QLabel *m_outcome;
    QPushButton *m_check;
    QPushButton *m_save;
    QString m_caFile; ///< set up with the command line; kept
};

} // namespace skillbox
