#include "app/desktop/shell/command_registry.h"

#include <QWidget>

namespace skillbox {
namespace {

/// The page that an action belongs to; null: the window, so that it counts everywhere.
const QWidget *placeOf(const QAction &action)
{
    for (const QObject *object : action.associatedObjects()) {
        const auto *widget = qobject_cast<const QWidget *>(object);
        if (widget && !widget->isWindow())
            return widget;
    }
    return nullptr;
}

} // namespace

CommandRegistry::CommandRegistry(QObject *parent) : QObject(parent) { }

QAction *CommandRegistry::add(const QString &id, const QString &group, const QString &title,
                              const QKeySequence &shortcut, std::function<void()> trigger)
{
    Q_ASSERT(!find(id));
    auto *action = new QAction(title, this);
    action->setObjectName(id);
    const auto own = m_own.constFind(id);
    action->setShortcut(own == m_own.cend() ? shortcut
                                            : QKeySequence(*own, QKeySequence::PortableText));
    connect(action, &QAction::triggered, this, [trigger = std::move(trigger)] { trigger(); });
    m_commands.append({id, group, action, shortcut});
    Q_EMIT changed();
    return action;
}

QAction *CommandRegistry::find(const QString &id) const
{
    for (const Command &command : m_commands) {
        if (command.id == id)
            return command.action;
    }
    return nullptr;
}

void CommandRegistry::setShortcut(const QString &id, const QKeySequence &shortcut)
{
    if (QAction *action = find(id)) {
        action->setShortcut(shortcut);
        Q_EMIT changed();
    }
}

void CommandRegistry::resetShortcut(const QString &id)
{
    for (const Command &command : std::as_const(m_commands)) {
        if (command.id == id)
            setShortcut(id, command.usual);
    }
}

const CommandRegistry::Command *CommandRegistry::conflict(const QString &id,
                                                          const QKeySequence &shortcut) const
{
    if (shortcut.isEmpty())
        return nullptr;
    const QAction *action = find(id);
    const QWidget *place = action ? placeOf(*action) : nullptr;
    for (const Command &command : m_commands) {
        if (command.id == id || command.action->shortcut() != shortcut)
            continue;
        const QWidget *other = placeOf(*command.action);
        if (!place || !other || place == other)
            return &command;
    }
    return nullptr;
}

} // namespace skillbox
