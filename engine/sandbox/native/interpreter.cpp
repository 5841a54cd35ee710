#include "engine/sandbox/native/interpreter.h"

#include "engine/files/open_beneath.h"
#include "engine/sandbox/native/image_view.h"

#include <QFile>
#include <QFileInfo>

#include <climits>
#include <fcntl.h>
#include <sys/stat.h>

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

/// Whether `path`, with all links resolved as a run will, is a program in a part of the image that
/// the run sees.
bool isProgramInImage(int root, const QByteArray &rootPath, const QByteArray &path)
{
    const UniqueFd program = openBeneath(root, path, O_PATH, Links::StayInside);
    struct stat info {
    };
    if (!program || ::fstat(program.get(), &info) != 0 || !S_ISREG(info.st_mode)
        || (info.st_mode & S_IXOTH) == 0)
        return false;
    QByteArray real(PATH_MAX, Qt::Uninitialized);
    const QByteArray link = "/proc/self/fd/" + QByteArray::number(program.get());
    const ssize_t size = ::readlink(link.constData(), real.data(), PATH_MAX);
    real.truncate(qMax<ssize_t>(0, size));
    if (!real.startsWith(rootPath + '/'))
        return false;
    const QByteArray inside = real.sliced(rootPath.size() + 1);
    return isVisibleInImage(inside.first(qMax<qsizetype>(0, inside.indexOf('/'))));
}

QStringList namesInImages(Language language)
{
    if (language == Language::Python)
        return {u"python3"_s, u"python"_s};
    if (language == Language::Node)
        return {u"node"_s, u"nodejs"_s};
    return {u"bash"_s};
}

} // namespace

QString usualSearchPath()
{
    return u"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"_s;
}

Result<Interpreter> findInterpreterInImage(Language language, const QString &rootDirectory,
                                           const QString &searchPath)
{
    const QByteArray rootPath = QFile::encodeName(QFileInfo(rootDirectory).canonicalFilePath());
    const UniqueFd root(::open(rootPath.constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the image's root file system is not there: %1"_s.arg(rootDirectory));
    }
    const QString path = searchPath.isEmpty() ? usualSearchPath() : searchPath;
    const QStringList names = namesInImages(language);
    for (const QString &name : names) {
        for (const QString &folder : path.split(u':')) {
            if (!folder.startsWith(u'/'))
                continue; // relative to a working folder that is the skill's
            const QString program = folder + (folder.endsWith(u'/') ? u""_s : u"/"_s) + name;
            if (isProgramInImage(root.get(), rootPath, program.toUtf8()))
                return Interpreter{program, argumentsFor(language)};
        }
    }
    return fail(ErrorCode::SandboxUnavailable,
                u"the image has no %1 in its PATH (%2)"_s.arg(names.join(u" and no "_s), path));
}

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
