#pragma once

#include "app/desktop/theme/theme.h"

#include <QTextBrowser>

namespace skillbox {

/// Markdown from somebody who is not trusted: nothing is loaded, no HTML is interpreted, no link is
/// followed; a click on a link says so by anchorClicked(). A text over mostShown is cut, and says
/// so. GUI thread.
class MarkdownView : public QTextBrowser
{
    Q_OBJECT

public:
    explicit MarkdownView(QWidget *parent = nullptr);
    /// Front matter is the caller's to take away. Where one was reading stays in place.
    void setMarkdownText(const QString &markdown);
    void applyTheme(const Theme &theme);

    /// In characters; laying out more would hold up the window.
    static constexpr qsizetype mostShown = 400'000;

protected:
    QVariant loadResource(int type, const QUrl &name) override;

private:
    void style();

    Theme m_theme;
    QString m_markdown;
};

} // namespace skillbox
