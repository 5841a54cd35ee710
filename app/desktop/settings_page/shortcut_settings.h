#pragma once

#include "app/desktop/settings_page/shortcut_model.h"
#include "app/desktop/shell/page.h"

#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>

namespace skillbox {

/// Takes one combination of keys the moment it is pressed.
class KeyCapture : public QKeySequenceEdit
{
    Q_OBJECT

public:
    using QKeySequenceEdit::QKeySequenceEdit;

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override { event->accept(); }
};

/// All shortcuts: searched, changed by pressing the new one, and put back. That another command has
/// one already is told before anything changes.
class ShortcutSettings : public QWidget
{
    Q_OBJECT

public:
    explicit ShortcutSettings(const Desk &desk, QWidget *parent = nullptr);

private:
    QString chosenId() const;
    void showChosen();
    void consider(const QKeySequence &keys);
    void assign(const QString &id, const QKeySequence &keys);
    void reset(const QString &id);

    Desk m_desk;
    ShortcutModel m_model;
    QSortFilterProxyModel m_shown;
    QLineEdit *m_search;
    QTableView *m_table;
    QLabel *m_command;
    KeyCapture *m_keys;
    QPushButton *m_clear;
    QPushButton *m_reset;
    QLabel *m_conflict;
    QPushButton *m_takeOver;
    QKeySequence m_wanted; ///< waits for the answer to a conflict
};

} // namespace skillbox
