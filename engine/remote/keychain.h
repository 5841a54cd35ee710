#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QString>

#include <optional>

class QProcessEnvironment;

namespace skillbox {

/// The key ring of this person's session, through a program of its own (app/keychain): it brings
/// D-Bus and an event loop, which the command line does without.
class Keychain
{
public:
    /// `program`: skillbox-keychain; empty: there is none.
    explicit Keychain(QString program = {}) : m_program(std::move(program)) { }
    /// The one beside the running program or in ../libexec/skillbox, if this session has a bus and
    /// SKILLBOX_KEYCHAIN is not `off`; else one that is not there.
    static Keychain ofSession(const QString &programDirectory,
                              const QProcessEnvironment &environment);

    bool isThere() const { return !m_program.isEmpty(); }
    /// Nothing: it has no such entry. An error: no key ring answers, or it stays locked.
    Result<std::optional<QByteArray>> read(const QString &name) const;
    Result<void> write(const QString &name, const QByteArray &secret) const;
    Result<void> remove(const QString &name) const;

private:
    Result<std::optional<QByteArray>> call(const QString &verb, const QString &name,
                                           const QByteArray &input) const;

    QString m_program;
};

} // namespace skillbox
