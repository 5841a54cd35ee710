#pragma once

#include "app/desktop/theme/theme.h"

#include <QTextBrowser>

namespace skillbox {

/// Markdown from somebody who is not trusted: nothing is loaded, no HTML is interpreted, no link is
/// followed; a click on a link says so by anchorClicked(). GUI thread.
class MarkdownView : public QTextBrowser
{
    Q_OBJECT

public:
    explicit MarkdownView(QWidget *parent = nullptr);
    void setMarkdownText(const QString &markdown);
    void applyTheme(const Theme &theme);

protected:
    QVariant loadResource(int type, const QUrl &name) override;
};

} // namespace skillbox
