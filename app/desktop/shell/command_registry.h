#pragma once

#include <QAction>
#include <QKeySequence>
#include <QList>
#include <QMap>
#include <QObject>

#include <functional>

namespace skillbox {

/// Every action of the window by a stable id (`run.start`), with its title, group and shortcut:
/// what the palette lists, the settings page remaps and the menus show. GUI thread.
class CommandRegistry : public QObject
{
    Q_OBJECT

public:
    explicit CommandRegistry(QObject *parent = nullptr);

    struct Command {
        QString id;
        QString group; ///< `Run`, `Editor`, …
        QAction *action = nullptr;
        QKeySequence usual; ///< the shortcut it comes with
    };

    /// The person's own shortcuts, by command, for those that are added from now on.
    void setOwnShortcuts(const QMap<QString, QString> &keys) { m_own = keys; }
    /// The action belongs to the registry.
    QAction *add(const QString &id, const QString &group, const QString &title,
                 const QKeySequence &shortcut, std::function<void()> trigger);
    QAction *find(const QString &id) const;
    const QList<Command> &commands() const { return m_commands; }

    /// Sets a shortcut of the person's own; an empty one takes it away.
    void setShortcut(const QString &id, const QKeySequence &shortcut);
    void resetShortcut(const QString &id);
    /// The command that has this shortcut already, other than `id`, where both could be meant: two
    /// pages are never in front at once. nullptr: none.
    const Command *conflict(const QString &id, const QKeySequence &shortcut) const;

Q_SIGNALS:
    void changed();

private:
    QList<Command> m_commands;
    QMap<QString, QString> m_own; ///< as portable texts
};

} // namespace skillbox
