// Takes 320 MiB in buffers, outside of the heap that Node bounds itself, and holds it.
const held = [];
try {
  for (let i = 0; i < 20; ++i) held.push(Buffer.alloc(16 << 20, 1));
} catch (error) {
  console.log(`CONTAINED: ${error.message}`);
  process.exit(0);
}
setTimeout(() => {
  console.log(`BROKEN: holds ${held.length * 16} MiB`);
  process.exit(1);
}, 1000);
