/* Windows calls this when it loads a DLL. C's own runtime would bring it; the twin needs nothing else of that. */
int __stdcall DllMainCRTStartup(void *module, unsigned reason, void *reserved) { return 1; }
