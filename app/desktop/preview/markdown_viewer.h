#pragma once

#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/viewer.h"

namespace skillbox {

class MarkdownView;

/// A Markdown file as it is meant. GUI thread.
class MarkdownViewer : public Viewer
{
    Q_OBJECT

public:
    explicit MarkdownViewer(QWidget *parent = nullptr);
    void open(const SharedFile &file, const QString &name) override;
    void close() override;
    void applyTheme(const Theme &theme) override;

    /// Larger ones are shown as source.
    static constexpr qint64 mostBytes = 512 << 10;

private:
    MarkdownView *m_view;
    BackgroundTask m_loading;
};

} // namespace skillbox
