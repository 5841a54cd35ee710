#include "engine/remote/keychain.h"

#include <QFileInfo>
#include <QProcess>
#include <QProcessEnvironment>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// Somebody may have to type the key ring's password.
constexpr int patienceMs = 60'000;
constexpr int missingEntry = 3; ///< exit status of the program
constexpr qsizetype largestSecret = 256 << 10;

} // namespace

Keychain Keychain::ofSession(const QString &programDirectory,
                             const QProcessEnvironment &environment)
{
    // Without a bus nobody could answer, and asking would take its time.
    if (environment.value(u"SKILLBOX_KEYCHAIN"_s) == u"off"
        || environment.value(u"DBUS_SESSION_BUS_ADDRESS"_s).isEmpty())
        return Keychain();
    for (const QString &place :
         {u"/skillbox-keychain"_s, u"/../libexec/skillbox/skillbox-keychain"_s}) {
        if (QFileInfo(programDirectory + place).isExecutable())
            return Keychain(programDirectory + place);
    }
    return Keychain();
}

Result<std::optional<QByteArray>> Keychain::call(const QString &verb, const QString &name,
                                                 const QByteArray &input) const
{
    QProcess program;
    program.start(m_program, {verb, name});
    program.write(input);
    program.closeWriteChannel();
    if (!program.waitForFinished(patienceMs)) {
        program.kill();
        program.waitForFinished();
        return fail(ErrorCode::Io, u"the key ring does not answer"_s, program.errorString());
    }
    const QByteArray output = program.readAllStandardOutput();
    if (program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0
        && output.size() <= largestSecret)
        return std::optional(output);
    if (program.exitStatus() == QProcess::NormalExit && program.exitCode() == missingEntry)
        return std::optional<QByteArray>();
    return fail(ErrorCode::Io, u"the key ring cannot be used"_s,
                QString::fromUtf8(program.readAllStandardError().left(500)).trimmed());
}

Result<std::optional<QByteArray>> Keychain::read(const QString &name) const
{
    return call(u"get"_s, name, {});
}

Result<void> Keychain::write(const QString &name, const QByteArray &secret) const
{
    const auto done = call(u"set"_s, name, secret);
    return done ? Result<void>() : fail(done.error());
}

Result<void> Keychain::remove(const QString &name) const
{
    const auto done = call(u"remove"_s, name, {});
    return done ? Result<void>() : fail(done.error());
}

} // namespace skillbox
