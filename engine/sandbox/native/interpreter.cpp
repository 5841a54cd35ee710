#include "engine/sandbox/native/interpreter.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString programName(Language language)
{
    switch (language) {
    case Language::Python: return u"python3"_s;
    case Language::Node: return u"node"_s;
    case Language::Bash: break;
    }
    return u"bash"_s;
}

QString packageName(Language language)
{
    return language == Language::Node ? u"nodejs"_s : programName(language);
}

QStringList argumentsFor(Language language)
{
    // -s, -E: nothing of a home folder or an environment steers the interpreter; -B: the script's
    // folder is read-only; -u: what a script has printed is in the log even if it is killed then.
    if (language == Language::Python)
        return {u"-s"_s, u"-E"_s, u"-B"_s, u"-u"_s};
    if (language == Language::Bash)
        return {u"--noprofile"_s, u"--norc"_s};
    return {};
}

} // namespace

Result<Interpreter> findInterpreter(Language language)
{
    for (const QString &folder : {u"/usr/bin/"_s, u"/usr/local/bin/"_s, u"/bin/"_s}) {
        const QFileInfo info(folder + programName(language));
        if (info.isFile() && info.isExecutable())
            return Interpreter{info.canonicalFilePath(), argumentsFor(language)};
    }
    return fail(ErrorCode::SandboxUnavailable,
                u"No %1 was found in /usr/bin or /usr/local/bin; install it with: apt install %2"_s
                    .arg(programName(language), packageName(language)));
}

} // namespace skillbox
