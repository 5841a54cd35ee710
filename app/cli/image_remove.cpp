#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/image_audit.h"
#include "app/cli/json_writer.h"
#include "app/cli/text.h"
#include "engine/engine.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Error withSimilarImage(const ImageStore &images, Error error, const QString &name)
{
    const Result<QList<ImageRecord>> known = images.list();
    if (error.code != ErrorCode::NotFound || !known)
        return error;
    QStringList names;
    for (const ImageRecord &image : *known)
        names += image.name;
    if (const QString similar = closestMatch(name, names); !similar.isEmpty())
        error.message += u"\ndid you mean %1?"_s.arg(similar);
    return error;
}

ExitCode remove(CliContext &context, const QString &name)
{
    const Result<Engine *> engine = context.engine();
    if (!engine)
        return context.reportError(engine.error());
    ImageStore &images = (*engine)->images();
    if (const Result<void> removed = images.remove(name); !removed)
        return context.reportError(withSimilarImage(images, removed.error(), name));
    if (const Result<void> noted = noteImageChange(**engine, u"image.remove"_s, name); !noted)
        return context.reportError(noted.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject().member(u"name"_s, name).member(u"removed"_s, true).endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u" Removed "_s + name);
    return ExitCode::Success;
}

} // namespace

void registerImageRemove(CLI::App &image, CliContext &context)
{
    CLI::App *command = addCommand(
        image, context,
        {"remove", "Remove an imported image",
         "An image with several names goes with the last of them. One that a run uses is kept.",
         "skillbox image remove tools:1"});
    const auto name = std::make_shared<std::string>();
    addArgument(*command, "NAME", *name, "The image's name", value::image);
    onChosen(*command, context, [name, &context] { return remove(context, toText(*name)); });
}

} // namespace skillbox
