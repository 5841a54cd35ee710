#include "engine/sandbox/input_names.h"

#include <QSet>

#include <climits>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<QByteArrayList> inputFileNames(const QList<SandboxInputFile> &files)
{
    QByteArrayList names;
    QSet<QByteArray> seen;
    for (const SandboxInputFile &file : files) {
        const QByteArray name = file.name.toUtf8();
        if (name.isEmpty() || name.size() > NAME_MAX || name.contains('/') || name.contains('\0')
            || name == "." || name == "..") {
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" cannot be the name of an input file"_s.arg(file.name));
        }
        if (seen.contains(name)) {
            return fail(ErrorCode::BadRequest,
                        u"two input files have the name \"%1\""_s.arg(file.name));
        }
        seen.insert(name);
        names.append(name);
    }
    return names;
}

} // namespace skillbox
