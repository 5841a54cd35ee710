#include "app/desktop/desktop.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QProcessEnvironment>
#include <QStyleFactory>

using namespace Qt::StringLiterals;

int main(int argc, char *argv[])
{
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication app(argc, argv);
    QApplication::setApplicationName(u"skillbox-desktop"_s);
    QApplication::setApplicationDisplayName(u"Skillbox"_s);
    QApplication::setApplicationVersion(QStringLiteral(SKILLBOX_VERSION));
    QApplication::setDesktopFileName(u"skillbox-desktop"_s);

    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"The Skillbox desktop: catalog, editor, run console and artifacts of skills."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(u"folder"_s, u"A skill folder to open in the editor."_s,
                                 u"[folder]"_s);
    parser.process(app);

    skillbox::Desktop desktop(QProcessEnvironment::systemEnvironment(),
                              QApplication::applicationDirPath());
    desktop.start();
    return QApplication::exec();
}
